# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""S5B-19, PFT-10: a file of 300 MiB arrives whole by SOCKS5"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    expect(Transfer(server, 300 << 20), "s5b")


run_scenario(scenario)
