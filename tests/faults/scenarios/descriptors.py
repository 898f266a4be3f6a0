# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver without descriptors refuses a file with a reason, one whose descriptors run out falls back, and with some more all is well again"""

import os
import pathlib
import resource

from harness import check, run_scenario
from world import SLOW, MIB, arrived, lives, one_error


def leave(bot, count):
    """Lets the process open so many descriptors more; None: as many as it likes."""
    _, hard = resource.prlimit(bot.popen.pid, resource.RLIMIT_NOFILE)
    if count is None:
        return resource.prlimit(bot.popen.pid, resource.RLIMIT_NOFILE, (hard, hard))
    used = {int(entry) for entry in os.listdir(pathlib.Path("/proc") / str(bot.popen.pid) / "fd")}
    free = [number for number in range(hard) if number not in used]
    return resource.prlimit(bot.popen.pid, resource.RLIMIT_NOFILE, (free[count], hard))


def scenario(server):
    receiver = server.receiver("juliet", *SLOW)
    receiver.jid()
    leave(receiver, 0)
    sender = server.sender("romeo", receiver.jid(), server.make_file(MIB, "none"), resource="none")
    status = sender.wait_exit(60)
    check(status == 3, f"exit status {status}\n{sender.tail()}")
    check(one_error(sender)["cause"] == "declined", f"{sender.events}")

    leave(receiver, 2)  # for the folder and the file, and none for a socket
    original = server.make_file(MIB, "fallback")
    sender = server.sender("romeo", receiver.jid(), original, resource="fallback")
    arrived(sender, receiver, original)
    check([event["method"] for event in sender.find("failed")] == ["s5b"], f"{sender.find('failed')}")
    check(sender.find("open")[0]["method"] == "ibb", f"{sender.find('open')}")

    leave(receiver, None)
    lives(server, receiver, "again")


run_scenario(scenario)
