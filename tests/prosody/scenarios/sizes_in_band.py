# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IBB-8, IBB-12: files of 1, 4095, 4096 bytes and 1 MiB arrive whole in-band"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    for size in (1, 4095, 4096, 1 << 20):
        expect(Transfer(server, size, receiver=["--methods", "ibb"]), "ibb")


run_scenario(scenario)
