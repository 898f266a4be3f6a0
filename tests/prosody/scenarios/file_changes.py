# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-239, PFT-12: a file that shrinks ends the transfer early, one that grows stops at the announced size"""

import hashlib
import os

from harness import Transfer, check, run_scenario


# In-band, so that the transfer lasts.
IN_BAND = ["--methods", "ibb"]
SIZE = 2 << 20


def shrinks(server):
    transfer = Transfer(server, SIZE, receiver=IN_BAND)
    transfer.sender.wait_event("open", 30)
    os.truncate(transfer.original, SIZE // 2)
    status = transfer.sender.wait_exit(60)
    check(status == 8, f"exit status of the sender {status}, wanted: 8\n{transfer.sender.tail()}")
    transfer.receiver.wait_event("error", 30)
    check(not transfer.receiver.find("done"), "the receiver calls it done")


def grows(server):
    transfer = Transfer(server, SIZE, receiver=IN_BAND)
    announced = hashlib.sha256(transfer.original.read_bytes()).hexdigest()
    transfer.sender.wait_event("open", 30)
    with open(transfer.original, "ab") as file:
        file.write(b"more" * 1000)
    transfer.wait()
    check(transfer.received["bytes"] == SIZE, f"{transfer.received['bytes']} bytes, announced: {SIZE}")
    check(transfer.received["sha256"] == announced, "not the bytes that the file had when it was offered")


def scenario(server):
    shrinks(server)
    grows(server)


run_scenario(scenario)
