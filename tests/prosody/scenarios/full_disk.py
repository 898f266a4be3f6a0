# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""W-5, SEC-18: a disk without room refuses the file, and one that becomes full ends the transfer; nothing stays behind"""

import errno
import signal

from harness import check, expect_error, expect_one_line, mounted, run_scenario

MIB = 1 << 20


def fill(path):
    """Writes until there is no more room."""
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) > 0:
                pass
        except OSError as error:
            check(error.errno == errno.ENOSPC, f"cannot fill the disk: {error}")


def no_room(server, folder):
    receiver = server.receiver("juliet", "--dir", folder, "--once", 2, resource="small")
    for _ in range(2):
        sender = server.sender("romeo", receiver.jid(), server.make_file(9 * MIB, "large"), resource="small")
        expect_error(sender, "declined", 3)
    status = receiver.wait_exit(30)
    check(status == 8, f"exit status {status}, wanted: 8\n{receiver.tail()}")
    errors = receiver.find("error")
    check(len(errors) == 2 and all("not enough room" in error["text"] for error in errors), f"{errors}")
    summary = receiver.wait_event("summary")
    check((summary["files"], summary["failed"]) == (0, 2), f"{summary}")


def becomes_full(server, folder):
    receiver = server.receiver("juliet", "--dir", folder, "--once", 1, "--methods", "ibb")
    sender = server.sender("romeo", receiver.jid(), server.make_file(7 * MIB))
    receiver.wait_event("progress", 60)
    sender.popen.send_signal(signal.SIGSTOP)  # so that the disk is full before the file is complete
    try:
        fill(folder / "filler")
        check(not receiver.find("done"), "the file was complete before the disk was full")
    finally:
        sender.popen.send_signal(signal.SIGCONT)
    status = receiver.wait_exit(60)
    check(status == 8, f"exit status {status}, wanted: 8\n{receiver.tail()}")
    check(len(receiver.find("error")) == 1 and not receiver.find("done"), f"{receiver.events}")
    expect_one_line(receiver, "No space left on device")
    status = sender.wait_exit(60)
    check(status == 5, f"exit status {status}, wanted: 5\n{sender.tail()}")
    check(len(sender.find("error")) == 1 and not sender.find("done"), f"{sender.events}")
    words = [(bot.find("error")[0]["why"], bot.find("error")[0]["by"]) for bot in (sender, receiver)]
    check(words == [("storage-full", "peer"), ("storage-full", "us")], f"{words}")


def scenario(server):
    with mounted(server.dir / "disk", "size=8M") as folder:
        no_room(server, folder)
        check(not list(folder.iterdir()), f"left behind: {list(folder.iterdir())}")
        becomes_full(server, folder)
        check([path.name for path in folder.iterdir()] == ["filler"], f"left behind: {list(folder.iterdir())}")


run_scenario(scenario)
