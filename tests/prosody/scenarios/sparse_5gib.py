# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-1: 5 GiB by SOCKS5 arrive with the right digest, and neither side grows with them"""
# TIMEOUT 900

import os
import shutil

from harness import check, run_scenario, skip

SIZE = 5 << 30
MIB = 1 << 20


def peak(bot):
    """The most memory that the process ever had resident, in bytes."""
    with open(f"/proc/{bot.popen.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def scenario(server):
    if shutil.disk_usage(server.dir).free < SIZE + (1 << 30):
        skip("no room for a file of 5 GiB")
    original = server.dir / "sparse.bin"
    with open(original, "wb") as file:
        file.write(b"begin")
        file.truncate(SIZE)
        file.seek(SIZE - 3)
        file.write(b"end")
    # AddressSanitizer keeps what was freed, up to 256 MiB; that is not the programs' doing.
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1"
    receiver = server.receiver("juliet", "--once", 1)
    sender = server.sender("romeo", receiver.jid(), original)
    receiver.wait_event("progress", 600)
    early = peak(sender), peak(receiver)
    late = early
    while not receiver.find("done"):
        receiver.wait_event("progress", 600, count=len(receiver.find("progress")) + 1)
        if receiver.find("progress")[-1]["bytes"] > SIZE * 9 // 10:
            late = peak(sender), peak(receiver)
            break
    done = receiver.wait_event("done", 600)
    check((sender.wait_exit(60), receiver.wait_exit(60)) == (0, 0), f"{sender.tail()}\n{receiver.tail()}")
    check(done["bytes"] == SIZE, f"{done['bytes']} bytes")
    # Both computed it on their own: the sender before, the receiver while it came.
    check(done["sha256"] == sender.wait_event("done")["sha256"], "another file arrived")
    with open(receiver.folder / done["path"], "rb") as file:
        check(file.read(6) == b"begin\0", "the beginning is another one")
        file.seek(-4, os.SEEK_END)
        check(file.read() == b"\0end" and file.tell() == SIZE, "the end is another one")
    growth = [b - a for a, b in zip(early, late)]
    print(f"resident: {[value // MIB for value in late]} MiB, grown by {[value // MIB for value in growth]} MiB", flush=True)
    check(late != early and max(growth) < 16 * MIB, f"grown by {growth} bytes")


run_scenario(scenario)
