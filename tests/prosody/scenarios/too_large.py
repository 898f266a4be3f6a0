# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""W-5: a file above --max-size is refused, and nothing is written"""

from harness import check, run_scenario


def scenario(server):
    receiver = server.receiver("juliet", "--max-size", 999)
    sender = server.sender("romeo", receiver.jid(), server.make_file(1000))
    status = sender.wait_exit(30)
    check(status == 3, f"exit status {status}, wanted: 3")
    check(not list(receiver.folder.iterdir()), "the file was written")


run_scenario(scenario)
