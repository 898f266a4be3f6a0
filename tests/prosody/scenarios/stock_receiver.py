# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SI-6, INT-5: a receiver of gloox alone answers one method, and gets the file by it"""

from harness import check, run_scenario, sha256


def scenario(server):
    for method in ("s5b", "ibb"):
        original = server.make_file(300001, f"{method}.bin")
        receiver = server.stock("juliet", "--method", method, resource=method)
        sender = server.sender("romeo", receiver.jid(), original, resource=method)
        sender.wait_event("done", 60)
        stored = receiver.wait_event("stored", 60)["path"]
        check(sha256(stored) == sha256(original), f"{method}: the file that arrived is another one")
        check(sender.wait_exit(30) == 0, f"{method}: exit status {sender.popen.returncode}")
        check(sender.find("accepted", dialect="plain", methods=[method]), f"{sender.find('accepted')}")
        check(sender.find("open", method=method), f"{sender.find('open')}")
        check(not sender.find("error") and not sender.find("failed"), f"{sender.events}")


run_scenario(scenario)
