# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-13: interrupting the sender tells the receiver, which keeps what it has; the same command goes on"""

import signal

from harness import check, run_scenario, sha256


def scenario(server):
    for method in ("s5b", "ibb"):
        original = server.make_file(8 << 20, f"{method}.bin")
        receiver = server.receiver("juliet", "--methods", method, resource=method)
        command = ("romeo", receiver.jid(), "--limit", "2M", original)
        sender = server.sender(*command, resource=method)
        there = receiver.wait_event("progress", 30)["bytes"]
        status = sender.stop(signal.SIGINT)
        check(status == 5, f"exit status {status}, wanted: 5\n{sender.tail()}")
        error = receiver.wait_event("error", 10)
        check((error["why"], error["by"]) == ("cancelled", "peer"), f"{error}")
        check(len(sender.find("error")) == 1 and sender.find("error")[0]["why"] == "cancelled", f"{sender.events}")

        again = server.sender(*command[:2], original, resource=method)
        done = receiver.wait_event("done", 60)
        check(again.wait_exit(30) == 0, f"{again.tail()}")
        check(receiver.find("open")[-1]["offset"] >= there, f"{receiver.find('open')}")
        check(sha256(receiver.folder / done["path"]) == sha256(original), "another file arrived")
        receiver.stop()


run_scenario(scenario)
