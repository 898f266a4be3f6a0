# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TMO-4, CLS-4, NEG-12, IBB-4, IBB-12: a receiver who falls silent, in whatever state, costs that state's time, and comes too late afterwards"""

from bodies import close
from crowd import NO_LIMITS, Crowd
from harness import Failure, run_scenario
from offerer import Offerer
from peer import IBB, S5B, STANZAS, list_answer

# Seconds: long enough for what is said in time to arrive in time.
WAIT = 2
TIMERS = ("S-OFFER", "S-S5B", "S-LINK", "S-IBB", "CLOSE")
REFUSED = f"<error type='cancel'><not-acceptable xmlns='{STANZAS}'/></error>"


def late(offered, request, body=""):
    """Both answers, when nobody waits for them any more; nothing follows."""
    for kind, inside in (("result", body), ("error", REFUSED)):
        offered.member.send(f"<iq type='{kind}' id='{request.get('id')}' to='{request.get('from')}'>{inside}</iq>")


def ignored_offer(offered):
    offered.ends("timeout")
    # CLS-4: whoever accepts now is told that it is over, in words that everybody knows.
    late(offered, offered.offer, list_answer(S5B, IBB))
    offered.member.result(offered.wait("close"))


def ignored_query(offered):
    asked = offered.queried()
    opening = offered.wait("open")
    late(offered, asked, f"<query xmlns='{S5B}'><streamhost-used jid='{offered.offerer.jid}'/></query>")
    offered.finishes(opening)


def never_connected(offered):
    asked = offered.queried()
    offered.member.result(asked, f"<query xmlns='{S5B}'><streamhost-used jid='{offered.offerer.jid}'/></query>")
    offered.finishes(offered.wait("open"))


def ignored_open(offered):
    asked = offered.accepted().wait("open")
    offered.member.result(offered.wait("close"))
    offered.ends("methods-exhausted")
    late(offered, asked)


def ignored_data(offered):
    blocks = offered.opened()
    offered.member.result(offered.wait("close"))
    offered.ends("io-error")
    for block in blocks:
        late(offered, block)


def ignored_rest(offered):
    """The first block is taken, and then no more."""
    blocks = offered.opened()
    offered.member.result(blocks[0])
    offered.wait("data")
    offered.member.result(offered.wait("close"))
    offered.ends("io-error")


def ignored_close(offered):
    last = offered.drained(offered.opened())
    offered.ends("done")
    late(offered, last)


def closed_meanwhile(offered):
    """Both close at once."""
    last = offered.drained(offered.opened())
    offered.says(close(offered.sid), "result")
    offered.member.result(last)
    offered.ends("done")


CASES = (ignored_offer, ignored_query, never_connected, ignored_open, ignored_data, ignored_rest, ignored_close, closed_meanwhile)


def scenario(server):
    juliet = Crowd(server).member("juliet")
    options = [word for timer in TIMERS for word in ("--timeout", f"T-{timer}={WAIT if timer != 'CLOSE' else WAIT / 4}")]
    offerer = Offerer(server, juliet, 2 * len(CASES), *options)

    def play():
        for case in CASES:
            offered = offerer.next()
            try:
                case(offered)
                offerer.quiet()
            except Failure as failure:
                raise Failure(f"{case.__name__}: {failure}") from None

    offerer.watch.flat(play, 1024)
    offerer.as_new()


run_scenario(scenario, settings=NO_LIMITS)
