# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender that could not even offer its file says why: no method, or no connection any more"""

import signal

from harness import check, expect_one_line, run_scenario

JULIET = "juliet@localhost/nobody"
GIB = 1 << 30


def hole(server, size, name):
    """A file that takes a while to read and none to make."""
    path = server.dir / name
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def ends(sender, status, wanted):
    ended = sender.wait_exit(60)
    check(ended == status, f"exit status {ended}, wanted: {status}\n{sender.tail()}")
    expect_one_line(sender, wanted)
    check(not sender.find("offer"), f"it was offered: {sender.events}")


def scenario(server):
    sender = server.sender("romeo", JULIET, "--methods", "s5b", "--no-direct", "--proxy", "none", server.make_file(10))
    ends(sender, 4, "cannot offer file.bin: no method can be opened right now")

    # No processor is done with the one before the server is gone. The other is read to its end without one.
    for size, options in (1024 * GIB, []), (2 * GIB, ["--resume"]):
        sender = server.sender("romeo", JULIET, *options, hole(server, size, "large.bin"))
        sender.jid()
        server.process.stop(signal.SIGKILL)
        ends(sender, 2, "cannot offer large.bin: ")
        check("cancelled" not in sender.tail(), f"nobody has cancelled it\n{sender.tail()}")
        server.restart()


run_scenario(scenario)
