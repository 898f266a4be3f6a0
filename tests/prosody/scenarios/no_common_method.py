# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIM-13: without a method in common the offer is refused"""

from harness import check, run_scenario


def scenario(server):
    receiver = server.receiver("juliet", "--methods", "s5b")
    sender = server.sender("romeo", receiver.jid(), "--methods", "ibb", server.make_file(1000))
    status = sender.wait_exit(30)
    check(status == 3, f"exit status {status}, wanted: 3")
    check(sender.find("error", cause="no-valid-streams"), f"wrong events: {sender.events}")


run_scenario(scenario)
