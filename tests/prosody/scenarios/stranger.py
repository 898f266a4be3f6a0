# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-21: by default a stranger is refused, and nothing is written"""

from harness import check, run_scenario


def scenario(server):
    receiver = server.receiver("juliet")
    sender = server.sender("mallory", receiver.jid(), server.make_file(1000))
    status = sender.wait_exit(30)
    check(status == 3, f"exit status {status}, wanted: 3")
    check(not list(receiver.folder.iterdir()), "a stranger's file was written")


run_scenario(scenario, contacts=False)
