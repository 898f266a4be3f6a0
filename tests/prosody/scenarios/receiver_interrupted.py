# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GEN-10: interrupting the receiver ends the sender with one error"""

import signal

from harness import check, run_scenario


def scenario(server):
    # In-band, so that the transfer lasts.
    receiver = server.receiver("juliet", "--methods", "ibb")
    sender = server.sender("romeo", receiver.jid(), server.make_file(64 << 20))
    receiver.wait_event("progress", 30)
    receiver.stop(signal.SIGINT)
    status = sender.wait_exit(60)
    check(status == 5, f"exit status {status}, wanted: 5\n{sender.tail()}")
    check(len(sender.find("error")) == 1, f"not one error: {sender.find('error')}")
    check(not sender.find("done"), "the sender calls it done")


run_scenario(scenario)
