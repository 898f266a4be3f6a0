# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GEN-1, SI-9, CLS-5, CLS-8, CLS-9, IBB-6: whatever a receiver says in whatever state, the sender answers once and by the rule"""

from typing import NamedTuple, Optional

from bodies import close, data, host, note, offer, opening, query
from crowd import NO_LIMITS, Crowd
from harness import Failure, run_scenario
from offerer import BLOCK, Offerer

# What a receiver may say, each at a time when it should not.
STANZAS = {
    "the offer back": offer,  # NEG-41: both directions at once, with one sid
    "query": lambda sid: query(sid, host("juliet@gateway.localhost/peer", 1)),
    "open": opening,
    "data": lambda sid: data(sid, 0, b"back"),
    "data with another seq": lambda sid: data(sid, 7, b"back"),
    "data that is not base64": lambda sid: data(sid, 0, "!!!!"),
    "data in too large a block": lambda sid: data(sid, 0, bytes(BLOCK + 1)),
    "close": close,
    "a note": note,
    "a note that nobody knows": lambda sid: note(sid, "haunted"),
    "that it has stopped": lambda sid: note(sid, "stopped"),
    "that it has the file": lambda sid: note(sid, "received"),
    "that it lacks the file": lambda sid: note(sid, "lacking"),
}
DATA = [name for name in STANZAS if name.startswith("data")]
NOTES = ("a note", "a note that nobody knows", "that it has the file", "that it lacks the file")
GONE = "goes offline"


class Then(NamedTuple):
    """The answer, and how the session ends; None: as if nothing had been said, by the whole file. closes: W-24 comes."""

    answer: Optional[str]
    end: Optional[str] = None
    closes: bool = False


# Before the stream is open, data are nothing that anybody waits for.
NEGOTIATING = {
    "the offer back": Then("service-unavailable"),  # SI-9: asked before GEN-9, and the program takes no files
    "query": Then("not-acceptable"),
    "open": Then("not-acceptable"),
    **{name: Then("unexpected-request") for name in DATA},
    "close": Then("result"),
    **{name: Then("result") for name in NOTES},
    "that it has stopped": Then("result", "cancelled-remote", True),
    GONE: Then(None),
}
EXPECTED = {
    "offering": {**NEGOTIATING, "that it has stopped": Then("result", "cancelled-remote"), GONE: Then(None, "peer-unreachable")},
    "querying": NEGOTIATING,
    "opening": {**NEGOTIATING, "close": Then("result", "methods-exhausted")},
    "carrying": {
        **NEGOTIATING,
        "data": Then("result"),  # PFT-3
        "data with another seq": Then("unexpected-request", "io-error", True),
        "data that is not base64": Then("bad-request", "io-error", True),
        "data in too large a block": Then("bad-request", "io-error", True),
        "that it lacks the file": Then("result", "closed-local"),  # PFT-14: when everything has been sent
        "close": Then("result", "io-error"),  # IBB-13: what was not acknowledged is lost
        "that it has stopped": Then("result", "closed-remote", True),
        GONE: Then(None, "io-error"),
    },
    "ended": {
        **NEGOTIATING,
        **{name: Then("item-not-found") for name in (*DATA, "a note")},  # CLS-9, PFT-17: that one asks whether there is a session
        "that it has stopped": Then("result"),
    },
}
del EXPECTED["ended"][GONE]  # by then the next offer is out, which that ends


class State:
    """An offer that has been led into a state."""

    def __init__(self, offered, name):
        self.name = name
        self.offered = offered
        self.blocks = None
        self.opening = None
        if name == "querying":
            self.query = offered.queried()
        if name == "opening":
            self.opening = offered.accepted().wait("open")
        if name == "carrying":
            self.blocks = offered.opened()
        if name == "ended":
            offered.finishes()

    def goes_on(self, then):
        offered, member = self.offered, self.offered.member
        if then.closes:
            member.result(offered.wait("close"))
        if then.end == "closed-local":
            member.result(offered.drained(self.blocks))
        if then.end:
            offered.ends(then.end)
        elif self.name == "querying":
            member.error(self.query, "item-not-found")
            offered.finishes(offered.wait("open"))
        elif self.name == "ended":
            offered.ends("done")
        else:
            offered.finishes(self.opening, self.blocks)


def scenario(server):
    juliet = Crowd(server).member("juliet")
    offerer = Offerer(server, juliet, 2 * sum(map(len, EXPECTED.values())))

    def play():
        for name, stanzas in EXPECTED.items():
            for stanza, then in stanzas.items():
                state = State(offerer.next(), name)
                try:
                    if stanza == GONE:
                        juliet.send(f"<presence type='unavailable' to='{offerer.jid}'/>")
                    else:
                        state.offered.says(STANZAS[stanza](state.offered.sid), then.answer)
                    state.goes_on(then)
                    offerer.quiet()
                except Failure as failure:
                    raise Failure(f"{stanza}, {name}: {failure}") from None

    offerer.watch.flat(play, 2048)
    offerer.as_new()


run_scenario(scenario, settings=NO_LIMITS)
