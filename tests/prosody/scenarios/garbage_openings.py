# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-078, TC-079, TC-091, TC-100, NEG-6, IBB-13: whatever answers an opening, the sender ends once, with the right cause"""

from harness import Failure, check, expect_error, run_scenario
from peer import IBB, S5B, Peer, list_answer, need_slixmpp, payload


def used(jid, sid=None):
    """W-10, or what looks like it."""
    attribute = f" jid='{jid}'" if jid else ""
    return lambda query: f"<query xmlns='{S5B}' sid='{sid or payload(query).get('sid')}'><streamhost-used{attribute}/></query>"


# What the answer to the S5B query is.
QUERY_CASES = (
    lambda query: "",
    lambda query: f"<query xmlns='{S5B}'/>",
    lambda query: f"<query xmlns='{S5B}'>romeo</query>",
    lambda query: f"<si xmlns='{S5B}'/>",
    used(None),
    used(""),
    used("mallory@localhost/peer"),
    used("@@@"),
    lambda query: used(query.get("from"), "another-sid")(query),
    lambda query: used(query.get("from"))(query),  # T-S-LINK: we are named, and nobody has connected
)


def refuse_open(juliet, origin):
    juliet.error(juliet.wait(child="open", origin=origin), "not-acceptable")


def refuse_size_for_ever(juliet, origin):
    for size in (4096, 2048, 1024, 512, 256):
        opening = juliet.wait(child="open", origin=origin)
        check(payload(opening).get("block-size") == str(size), f"block-size {payload(opening).attrib}, wanted: {size}")
        juliet.error(opening, "resource-constraint", "modify")


def refuse_block(juliet, origin):
    juliet.result(juliet.wait(child="open", origin=origin))
    juliet.error(juliet.wait(child="data", origin=origin), "item-not-found")


def close_early(juliet, origin):
    opening = juliet.wait(child="open", origin=origin)
    juliet.result(opening)
    juliet.wait(child="data", origin=origin)
    juliet.request(origin, f"<close xmlns='{IBB}' sid='{payload(opening).get('sid')}'/>")


IN_BAND_CASES = (
    (refuse_open, "methods-exhausted", 4),
    (refuse_size_for_ever, "methods-exhausted", 4),
    (refuse_block, "io-error", 5),
    (close_early, "io-error", 5),  # IBB-13: what was not acknowledged is lost
)


def scenario(server):
    juliet = Peer(server, "juliet")
    original = server.make_file(100000)

    def start(resource):
        return server.sender("romeo", juliet.jid, "--timeout", "T-S-LINK=1", original, resource=resource)

    queries = [start(f"query{number}") for number in range(len(QUERY_CASES))]
    for sender, answer in zip(queries, QUERY_CASES):
        origin = sender.jid()
        juliet.result(juliet.wait(child="si", origin=origin), list_answer(S5B, IBB))
        query = juliet.wait(child="query", origin=origin)
        juliet.result(query, answer(query))
    for number, sender in enumerate(queries):
        refuse_open(juliet, sender.jid())
        try:
            expect_error(sender, "methods-exhausted", 4)
            failed = [event["method"] for event in sender.find("failed")]
            check(failed == ["s5b", "ibb"], f"failed: {failed}")
        except Failure as failure:
            raise Failure(f"query case {number}: {failure}") from None

    for case, cause, status in IN_BAND_CASES:
        sender = start(case.__name__.replace("_", "-"))
        juliet.result(juliet.wait(child="si", origin=sender.jid()), list_answer(IBB))
        case(juliet, sender.jid())
        try:
            expect_error(sender, cause, status)
        except Failure as failure:
            raise Failure(f"{case.__name__}: {failure}") from None


need_slixmpp()
run_scenario(scenario)
