# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NEG-1: with both methods possible the file goes over direct S5B"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    expect(Transfer(server, 3 << 20), "s5b")


run_scenario(scenario)
