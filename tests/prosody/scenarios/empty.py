# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NEG-27: an empty file arrives as an empty file"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    expect(Transfer(server, 0), "s5b")


run_scenario(scenario)
