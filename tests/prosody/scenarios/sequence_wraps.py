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

    # A short one tells that blocks are as small as they were asked to be; a log of the long one would only slow it down.
    log = server.dir / "sender.xml"
    expect(Transfer(server, 1000, [*small, "--log-xml", str(log)], [*small, "--methods", "ibb"]), "ibb")
    check(f"block-size='{BLOCK}'" in log.read_text() and "seq='7'" in log.read_text(), "the blocks have another size")

    expect(Transfer(server, SIZE, small, [*small, "--methods", "ibb"]), "ibb", timeout=360)


run_scenario(scenario)
