# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-6: a receiver that was not told otherwise does not dial a peer's loopback address"""

from harness import Transfer, check, expect, run_scenario


def scenario(server):
    # What the harness allows for the sake of the other scenarios is taken back.
    transfer = Transfer(server, 200000, receiver=["--deny-host", "127.0.0.0/8"])
    expect(transfer, "ibb", fallbacks=["s5b"])
    check(not transfer.receiver.find("open", method="s5b"), "the receiver dialled 127.0.0.1")


run_scenario(scenario)
