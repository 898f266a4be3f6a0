# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GEN-1, GEN-8, GEN-9, NEG-22, NEG-26, NEG-30, CLS-5, CLS-9: whatever a sender says in whatever state, the receiver answers once and by the rule"""

from bodies import close, data, host, note, offer, opening, query
from crowd import NO_LIMITS, Crowd
from harness import Failure, check, free_ports, run_scenario
from peer import UNKNOWN
from victim import CONTENT, Session, Silent, Victim

HALF = len(CONTENT) // 2

# What a sender may say, each at a time when it should not.
STANZAS = {
    "the offer again": lambda sid, dead: offer(sid),
    "a dead host": lambda sid, dead: query(sid, host("romeo@gateway.localhost/peer", dead)),
    "no host": lambda sid, dead: query(sid),
    "mode udp": lambda sid, dead: query(sid, host("romeo@gateway.localhost/peer", dead), attributes=" mode='udp'"),
    "open": lambda sid, dead: opening(sid),
    "open without size": lambda sid, dead: opening(sid, None),
    "open with size 0": lambda sid, dead: opening(sid, 0),
    "open with size -1": lambda sid, dead: opening(sid, -1),
    "open with size 65536": lambda sid, dead: opening(sid, 65536),
    "open with size 10^30": lambda sid, dead: opening(sid, 10**30),
    "open with size 16385": lambda sid, dead: opening(sid, 16385),
    "data": lambda sid, dead: data(sid, 0, CONTENT),
    "close": lambda sid, dead: close(sid),
    "a note": lambda sid, dead: note(sid),
    "a note that nobody knows": lambda sid, dead: note(sid, "haunted"),
}
GONE = "goes offline"

NOT_ACCEPTABLE = ("not-acceptable",)
BAD = ("bad-request",)
LARGE = ("resource-constraint",)
RESULT = ("result",)

# State: stanza: the answers that are right, and how the session ends; None: as if nothing had been said, by the whole file.
EXPECTED = {
    "nobody": {name: (UNKNOWN, None) for name in STANZAS if name != "the offer again"},
    "waiting": {
        "the offer again": (("conflict",), None),
        "a dead host": (("item-not-found",), None),
        "no host": (("item-not-found",), None),
        "mode udp": (NOT_ACCEPTABLE, None),
        "open": (RESULT, "opened"),
        "open without size": (BAD, None),
        "open with size 0": (BAD, None),
        "open with size -1": (BAD, None),
        "open with size 65536": (LARGE, None),
        "open with size 10^30": (LARGE, None),
        "open with size 16385": (LARGE, None),
        "data": (("unexpected-request",), None),
        "close": (RESULT, "cancelled-remote"),
        "a note": (RESULT, None),
        "a note that nobody knows": (RESULT, None),
        GONE: ((), None),
    },
}
EXPECTED["connecting"] = {
    **EXPECTED["waiting"],
    **{name: (NOT_ACCEPTABLE, None) for name in ("a dead host", "no host", "mode udp")},
}
EXPECTED["in-band"] = {
    **EXPECTED["connecting"],
    **{name: (NOT_ACCEPTABLE, None) for name in STANZAS if name.startswith("open")},
    "data": (RESULT, "carried"),
    "close": (RESULT, "closed-remote"),
    GONE: ((), "io-error"),  # CLS-8
}
EXPECTED["carrying"] = {
    **EXPECTED["in-band"],
    "data": (("unexpected-request",), "protocol-violation"),
}
EXPECTED["ended"] = {
    **EXPECTED["carrying"],
    "data": (("item-not-found",), None),
    "close": (RESULT, None),
    "a note": (("item-not-found",), None),  # CLS-9, PFT-17: it asks whether there is a session
    GONE: ((), None),
}


class State:
    """A session that has been led into a state."""

    def __init__(self, victim, romeo, silent, name):
        self.name = name
        self.asked = None
        self.session = Session(victim, romeo, victim.new_sid()) if name == "nobody" else victim.offer(romeo)
        sid = self.session.sid
        if name == "connecting":
            self.asked = romeo.ask(victim.jid, query(sid, host(romeo.jid, silent.port)))
            victim.bot.wait_event("attempt", 30, sid=sid, method="s5b", port=silent.port)
        if name in ("in-band", "carrying", "ended"):
            self.session.says(opening(sid), "result")
        if name == "carrying":
            self.session.says(data(sid, 0, CONTENT[:HALF]), "result")
        if name == "ended":
            self.session.finishes(0)

    def goes_on(self, end):
        """The session takes the end that it should."""
        session, romeo = self.session, self.session.member
        if self.name == "nobody":
            session.says(offer(session.sid), "result")
        if self.asked:  # NEG-23, CLS-5: the query is answered when something better comes
            if end is None:
                session.says(opening(session.sid), "result")
                end = "opened"
            check(romeo.answer(self.asked) == "item-not-found", "the query")
        if end == "protocol-violation":
            romeo.result(romeo.wait(child="close"))
        if end == "opened":
            session.finishes(0)
        elif end == "carried":
            session.says(close(session.sid), "result")
            session.ends("done")
        elif end:
            session.ends(end)
        elif self.name == "in-band":
            session.finishes(0)
        elif self.name == "carrying":
            session.finishes(1, CONTENT[HALF:])
        elif self.name == "ended":
            session.says(close(session.sid), "result")
            session.ends("done")
        else:
            session.finishes()


def scenario(server):
    crowd = Crowd(server)
    romeo = crowd.member("romeo")
    victim = Victim(server, crowd)
    dead = free_ports(1)[0]

    def play():
        with Silent() as silent:
            for name, stanzas in EXPECTED.items():
                for stanza, (wanted, end) in stanzas.items():
                    try:
                        state = State(victim, romeo, silent, name)
                        if stanza == GONE:
                            romeo.send(f"<presence type='unavailable' to='{victim.jid}'/>")
                        else:
                            state.session.says(STANZAS[stanza](state.session.sid, dead), *wanted)
                        state.goes_on(end)
                        romeo.nothing_more(victim.jid)
                    except Failure as failure:
                        raise Failure(f"{stanza}, {name}: {failure}") from None
                    silent.hang_up()

    victim.watch.flat(play, 2048)
    victim.as_new(romeo)
    victim.stop()


run_scenario(scenario, settings=NO_LIMITS)
