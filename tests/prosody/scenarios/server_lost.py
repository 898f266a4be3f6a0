# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender whose server goes away between two files says so, and does not call it a success"""

import signal

from harness import check, run_scenario


def scenario(server):
    receiver = server.receiver("juliet")
    files = [server.make_file(2 << 20, f"{name}.bin") for name in ("first", "second")]
    sender = server.sender("romeo", receiver.jid(), "--limit", "1M", *files)
    sender.wait_event("open", 30)
    # The stream is beside the server and goes on without it.
    server.process.stop(signal.SIGKILL)
    check(sender.wait_exit(60) == 2, f"exit status {sender.popen.returncode}, wanted: 2\n{sender.tail()}")
    check(len(sender.find("done")) == 1, f"{sender.events}\n{sender.tail()}")
    summary = sender.find("summary")[0]
    check((summary["files"], summary["failed"]) == (1, 1), f"{summary}")
    # By chance it dies with something unread, and then its end of the connection is a reset.
    reasons = ("the server closed the connection", "input/output error on the connection")
    check(any(reason in sender.tail() for reason in reasons), f"no reason given\n{sender.tail()}")


run_scenario(scenario)
