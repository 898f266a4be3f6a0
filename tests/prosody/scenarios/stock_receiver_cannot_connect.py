# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-221, INT-5: a receiver of gloox alone that reaches no streamhost never answers, and the sender ends by its own timer"""

from harness import DOMAIN, expect_error, check, free_ports, run_scenario


def scenario(server):
    receiver = server.stock("juliet", "--method", "s5b")
    dead = f"romeo@{DOMAIN}/elsewhere,127.0.0.1,{free_ports(1)[0]}"
    sender = server.sender("romeo", receiver.jid(), "--no-direct", "--proxy", "none", "--streamhost", dead,
                           "--timeout", "T-S-S5B=2", server.make_file(1000), listen=False)
    expect_error(sender, "methods-exhausted", 4)
    check(receiver.find("unreachable"), "the premise is wrong: gloox did connect")
    check(not sender.find("open"), "opened")
    failed = sender.find("failed", method="s5b")
    check(len(failed) == 1 and failed[0]["ms"] >= 1900, f"S5B did not fail once by its timer: {failed}")


run_scenario(scenario)
