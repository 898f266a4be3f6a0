# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-067, SI-13: a request with the offer's id is no answer to it, and the offer stays open"""

from harness import check, expect_error, run_scenario
from peer import IBB, Peer, list_answer, need_slixmpp


def scenario(server):
    juliet = Peer(server, "juliet")
    sender = server.sender("romeo", juliet.jid, server.make_file(1000))
    offer = juliet.wait(child="si")
    answer = juliet.answer(juliet.request(offer.get("from"), list_answer(IBB), identity=offer.get("id")))
    check(answer == "bad-request", f"answered with {answer}")
    check(not sender.find("accepted") and not sender.find("error"), f"{sender.events}")
    juliet.error(offer, "forbidden")
    expect_error(sender, "declined", 3)


need_slixmpp()
run_scenario(scenario)
