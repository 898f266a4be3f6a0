# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NEG-27: an empty file arrives as an empty file by either method"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    expect(Transfer(server, 0), "s5b")
    expect(Transfer(server, 0, receiver=["--methods", "ibb"]), "ibb")


run_scenario(scenario)
