# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-143, IBB-6: in-band, block 0 follows block 65535, and the file arrives whole"""

# TIMEOUT 400

from harness import Transfer, check, expect, run_scenario

BLOCK = 127
SIZE = 8 << 20


def scenario(server):
    check(SIZE // BLOCK > 0x10000, "too few blocks")
    small = ["--block-size", BLOCK, "--window", 100]
    expect(Transfer(server, SIZE, small, [*small, "--methods", "ibb"]), "ibb", timeout=360)


run_scenario(scenario)
