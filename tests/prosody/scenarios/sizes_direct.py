# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""S5B-19, PFT-10: files of 1, 4095, 4096 bytes and 1 MiB arrive whole by SOCKS5"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    for size in (1, 4095, 4096, 1 << 20):
        expect(Transfer(server, size), "s5b")


run_scenario(scenario)
