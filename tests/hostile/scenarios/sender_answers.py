# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GEN-5, SEC-3, SI-13, SI-23, NEG-7, NEG-12, IBB-11: of all that may answer a request of the sender's only the true answer counts, once"""

# TIMEOUT 600

from typing import NamedTuple

from bodies import FT, close, data, opening
from crowd import NO_LIMITS, Crowd
from harness import Failure, check, run_scenario
from offerer import Offerer
from peer import FNEG, IBB, S5B, SI, SIM, STANZAS, list_answer, plain_answer

REQUESTS = ("offer", "query", "open", "data", "close")
MANY = 10000
MEBIBYTE = "x" * (1 << 20)


def values(*methods):
    return "".join(f"<value>{method}</value>" for method in methods)


def deep(name, inside=""):
    return f"<{name}>" * MANY + inside + f"</{name}>" * MANY


def refusal(condition, kind="cancel"):
    return f"<error type='{kind}'><{condition} xmlns='{STANZAS}'/></error>"


def used(jid, times=1):
    return f"<query xmlns='{S5B}'>" + f"<streamhost-used jid='{jid}'/>" * times + "</query>"


def ranged(attributes):
    return list_answer(IBB).replace(">", f"><file xmlns='{FT}'><range {attributes}/></file>", 1)


class Case(NamedTuple):
    """What answers a request, and what follows: a cause, "done", or "next" (the other method, in which the file arrives)."""

    request: str
    name: str
    kind: str
    body: str
    end: str
    closes: bool = False  # W-24 comes, too


CASES = (
    Case("offer", "in-band among ten thousand values, first", "result", list_answer(IBB, *[f"urn:x:{n}" for n in range(MANY)]), "done"),
    Case("offer", "in-band among ten thousand values, last", "result", list_answer(*[f"urn:x:{n}" for n in range(MANY)], IBB),
         "no-valid-streams"),
    Case("offer", "in-band ten thousand times", "result", list_answer(*[IBB] * MANY), "done"),
    Case("offer", "a value of a mebibyte", "result", list_answer(MEBIBYTE, IBB), "done"),
    Case("offer", "a value within ten thousand", "result", list_answer(deep("value", IBB), IBB), "done"),
    Case("offer", "ten thousand elements around the list", "result",
         f"<si xmlns='{SI}'>{deep('x')}{list_answer(IBB).partition('>')[2]}", "done"),
    Case("offer", "the list within ten thousand elements", "result", deep("x", list_answer(IBB)), "malformed-reply"),
    Case("offer", "ten thousand lists", "result", f"<si xmlns='{SI}'>" + f"<si-multiple xmlns='{SIM}'>{values(IBB)}</si-multiple>" * MANY
         + "</si>", "done"),
    Case("offer", "a form of ten thousand fields", "result", plain_answer(IBB).replace(
        "<field", "<field var='x'/>" * MANY + "<field"), "done"),
    Case("offer", "an error and an acceptance in a result", "result", refusal("forbidden") + list_answer(IBB), "done"),
    Case("offer", "an acceptance in an error", "error", list_answer(IBB) + refusal("forbidden"), "declined"),
    Case("offer", "the offer in an error", "error", f"<si xmlns='{SI}' id='x' profile='{FT}'/>" + refusal("service-unavailable"),
         "unsupported"),
    Case("offer", "an error with a text of a mebibyte", "error",
         refusal("forbidden").replace("</error>", f"<text xmlns='{STANZAS}'>{MEBIBYTE}</text></error>"), "declined"),
    Case("offer", "an error of ten thousand conditions", "error",
         f"<error type='cancel'>{f'<forbidden xmlns={chr(39)}{STANZAS}{chr(39)}/>' * MANY}</error>", "declined"),
    Case("offer", "a range that was not offered so", "result", ranged("offset='4000'"), "malformed-reply", True),
    Case("offer", "a range that overflows", "result", ranged(f"offset='1' length='{2**63 - 1}'"), "malformed-reply", True),
    Case("offer", "a range of letters", "result", ranged("offset='a'"), "malformed-reply", True),
    Case("offer", "a form inside a form", "result",
         plain_answer(IBB).replace("<value>", f"<feature xmlns='{FNEG}'/><value>"), "done"),
    Case("query", "an answer in an error", "error", used("JID") + refusal("item-not-found"), "next"),
    Case("query", "the sender in ten thousand answers", "result", used("mallory@localhost/x", MANY), "next"),
    Case("query", "a streamhost with a JID of a mebibyte", "result", used(MEBIBYTE), "next"),
    Case("query", "a streamhost within ten thousand elements", "result", deep("query", used("JID")), "next"),
    Case("query", "not acceptable", "error", refusal("not-acceptable", "modify"), "next"),
    Case("query", "nobody there", "error", refusal("recipient-unavailable"), "peer-unreachable"),
    Case("query", "no such server", "error", refusal("remote-server-not-found"), "peer-unreachable"),
    Case("query", "an error without a condition", "error", "<error/>", "next"),
    Case("open", "a result with an open of its own", "result", opening("x"), "done"),
    Case("open", "a result with ten thousand elements", "result", deep("x"), "done"),
    Case("open", "an acceptance in an error", "error", opening("x") + refusal("not-acceptable"), "methods-exhausted"),
    Case("open", "nobody there", "error", refusal("gone"), "peer-unreachable"),
    Case("data", "a result with data", "result", data("x", 0, b"back"), "done"),
    Case("data", "a result with an error", "result", refusal("item-not-found"), "done"),
    Case("data", "no such stream", "error", refusal("item-not-found"), "io-error"),
    Case("data", "nobody there", "error", refusal("recipient-unavailable"), "io-error"),
    Case("data", "bad request", "error", refusal("bad-request"), "io-error", True),
    Case("data", "an error without a condition", "error", "<error/>", "io-error", True),
    Case("close", "a result with a close", "result", close("x"), "done"),
    Case("close", "no such stream", "error", refusal("item-not-found"), "done"),
    Case("close", "an error without a condition", "error", "<error/>", "done"),
)

# What honest people answer, and what would end the request if it counted.
HONEST = {"offer": ("result", list_answer(S5B, IBB)), "query": ("error", refusal("item-not-found")), "open": ("result", ""),
          "data": ("result", ""), "close": ("result", "")}
LIES = {"offer": ("error", refusal("forbidden")), "query": ("error", refusal("gone")), "open": ("error", refusal("gone")),
        "data": ("error", refusal("gone")), "close": ("error", refusal("gone"))}


def iq(request, kind, body, identity=None):
    return f"<iq type='{kind}' id='{identity or request.get('id')}' to='{request.get('from')}'>{body}</iq>"


def lead(offered, request):
    """Honest until there is this request: that, and the blocks that wait for their answers."""
    if request == "offer":
        return offered.offer, None
    if request == "query":
        return offered.queried(), None
    wanted = offered.accepted().wait("open")
    if request == "open":
        return wanted, None
    blocks = offered.opened(wanted)
    if request == "data":
        return blocks[0], blocks
    return offered.drained(blocks), None


def play_case(offered, case):
    request, blocks = lead(offered, case.request)
    offered.member.send(iq(request, case.kind, case.body.replace("'JID'", f"'{offered.offerer.jid}'")))
    if case.end == "next":
        offered.finishes(offered.wait("open"))
    elif case.end != "done":
        if case.closes:
            offered.member.result(offered.wait("close"))
        offered.ends(case.end)
    elif case.request == "offer":
        offered.finishes(offered.wait("open"))
    elif case.request == "close":
        offered.ends("done")
    else:
        offered.finishes(blocks=blocks or offered.first_blocks())  # its first block is answered again


def play_lies(offered, liars):
    """One transfer; each request is first answered by those who must not, then truly, then once more."""
    juliet = offered.member
    blocks = None
    request = offered.offer
    for name in REQUESTS:
        if name == "query":
            request = offered.wait("query")
        elif name == "open":
            request = offered.wait("open")
        elif name == "data":
            blocks = offered.first_blocks()
            request = blocks[0]
        elif name == "close":
            request = offered.drained(blocks)
        for answer in (HONEST[name], LIES[name]):
            for liar in liars:
                liar.send(iq(request, *answer))
            juliet.send(iq(request, *answer, identity="another"))
            juliet.send(iq(request, *answer).replace("<iq type='", "<message type='").replace("</iq>", "</message>"))
        for liar in liars:
            liar.settle(offered.offerer.jid)
        kind, body = HONEST[name]
        says = juliet.answer(juliet.request(offered.offerer.jid, list_answer(IBB), identity=request.get("id")))
        check(says == "bad-request", f"SI-13: {says}")
        if name != "data":
            juliet.send(iq(request, kind, body))
            juliet.send(iq(request, *LIES[name]))
    offered.ends("done")


def scenario(server):
    crowd = Crowd(server)
    juliet = crowd.member("juliet")
    liars = [crowd.member("mallory"), crowd.member("juliet", "elsewhere"), crowd.member("juliet", ""), crowd.member("", "")]
    offerer = Offerer(server, juliet, 2 * (len(CASES) + 1))

    def play():
        for case in CASES:
            offered = offerer.next()
            try:
                play_case(offered, case)
                offerer.quiet()
            except Failure as failure:
                raise Failure(f"{case.request}: {case.name}: {failure}") from None
        play_lies(offerer.next(), liars)

    # Between 4 and 14 MiB have been seen, by how busy the machine was.
    offerer.watch.flat(play, 20480)
    offerer.as_new()


run_scenario(scenario, settings=NO_LIMITS)
