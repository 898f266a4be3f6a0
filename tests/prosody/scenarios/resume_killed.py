# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-16: after kill -9 of either side the same commands go on where the file was, with --resume and without"""

import signal

from harness import check, run_scenario, sha256

MIB = 1 << 20
SIZE = 12 * MIB
SLOW = ["--limit", "4M"]


def begun(receiver):
    """Until something of the file is there."""
    receiver.wait_event("open", 30)
    return receiver.wait_event("progress", 30, count=2)["bytes"]


def finished(sender, receiver, original, at_least):
    """The transfer ends well, and its last stream did not begin at the start."""
    sender.wait_event("done", 60)
    done = receiver.wait_event("done", 60)
    status = sender.wait_exit(30), receiver.wait_exit(30)
    check(status == (0, 0), f"exit status {status}\n{sender.tail()}\n{receiver.tail()}")
    check(sha256(receiver.folder / done["path"]) == sha256(original), "another file arrived")
    offset = receiver.find("open")[-1]["offset"]
    check(offset >= at_least, f"begins at {offset}, not at {at_least}")
    left = [path.name for path in receiver.folder.iterdir()]
    check(left == [original.name], f"left behind: {left}")


def kill(bot):
    bot.popen.send_signal(signal.SIGKILL)
    check(bot.wait_exit(10) == -signal.SIGKILL, "not killed")


def sender_killed(server, method):
    original = server.make_file(SIZE, f"sender-{method}")
    options = ["--once", 1, "--resume", "--methods", method, *SLOW]
    receiver = server.receiver("juliet", *options, resource=f"a{method}")
    command = ("romeo", receiver.jid(), "--resume", original)
    sender = server.sender(*command, resource=f"a{method}")
    there = begun(receiver)
    kill(sender)
    again = server.sender(*command, resource=f"a{method}")
    finished(again, receiver, original, there)


def receiver_killed(server, method):
    original = server.make_file(SIZE, f"receiver-{method}")
    options = ["--once", 1, "--resume", "--methods", method, *SLOW]
    receiver = server.receiver("juliet", *options, resource=f"b{method}")
    sender = server.sender("romeo", receiver.jid(), "--resume", original, resource=f"b{method}")
    there = begun(receiver)
    kill(receiver)
    again = server.receiver("juliet", *options, "--dir", receiver.folder, resource=f"b{method}")
    again.folder = receiver.folder
    finished(sender, again, original, there)


def both_again(server, method):
    original = server.make_file(SIZE, f"both-{method}")
    options = ["--once", 1, "--methods", method, *SLOW]
    receiver = server.receiver("juliet", *options, resource=f"c{method}")
    to = receiver.jid()
    sender = server.sender("romeo", to, original, resource=f"c{method}")
    there = begun(receiver)
    kill(receiver)
    status = sender.wait_exit(60)
    check(status == 5, f"exit status {status}\n{sender.tail()}")
    again = server.receiver("juliet", *options, "--dir", receiver.folder, resource=f"c{method}")
    again.folder = receiver.folder
    again.jid()
    finished(server.sender("romeo", to, original, resource=f"d{method}"), again, original, there)


def scenario(server):
    for method in ("s5b", "ibb"):
        for case in (sender_killed, receiver_killed, both_again):
            print(f"{case.__name__} {method}", flush=True)
            case(server, method)


run_scenario(scenario)
