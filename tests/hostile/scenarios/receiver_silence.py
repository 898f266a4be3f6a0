# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-14, NEG-31, TMO-4, CLS-9: a sender who does not go on, in whatever state, is forgotten in time, and told so when he comes late"""

import time

from bodies import close, data, host, note, opening, query
from crowd import NO_LIMITS, Crowd
from harness import check, run_scenario
from peer import UNKNOWN
from victim import SESSIONS_PER_PEER, Silent, Victim

# Seconds: long enough for what is said in time to arrive in time.
WAIT = 3
TIMERS = ("R-NEXT", "R-HOST", "R-S5B", "R-FIRST", "CLOSE")
TOMB = 15


def scenario(server):
    crowd = Crowd(server)
    romeo, lurker, tease, mute = (crowd.member(name) for name in ("romeo", "lurker", "tease", "mute"))
    options = [word for timer in TIMERS for word in ("--timeout", f"T-{timer}={WAIT}")]
    victim = Victim(server, crowd, *options, "--timeout", f"T-TOMB={TOMB}")
    late = []

    def play():
        with Silent() as silent:
            # Accepted, and never opened: as many as there can be.
            waiting = [victim.offer(lurker) for _ in range(SESSIONS_PER_PEER)]
            # A host that takes the connection and says nothing; after that, silence.
            connecting = victim.offer(romeo)
            asked = romeo.ask(victim.jid, query(connecting.sid, host(romeo.jid, silent.port)))
            # In-band, and not a byte; and the receiver's W-24 is not answered either.
            opened = [victim.offer(tease) for _ in range(4)]
            for session in opened:
                session.says(opening(session.sid), "result")
            # In-band, and half a file.
            half = victim.offer(mute)
            half.says(opening(half.sid), "result")
            half.says(data(half.sid, 0, b"01234"), "result")

            check(romeo.answer(asked) == "item-not-found", "the query")
            connecting.ends("timeout")
            for session in waiting:
                victim.bot.wait_event("error", 30, sid=session.sid, cause="timeout")
            for session in opened:
                tease.wait(child="close")
            for session in opened:
                session.ends("timeout")
            lurker.nothing_more(victim.jid)

            # CLS-9.
            sid = waiting[0].sid
            for body, wanted in ((query(sid), "not-acceptable"), (opening(sid), "not-acceptable"), (data(sid, 0), "item-not-found"),
                                 (close(sid), "result"), (note(sid, "haunted"), "result"), (note(sid), "item-not-found")):
                waiting[0].says(body, wanted)
            late.append(waiting[0])
            # PFT-17: who has begun may take his time.
            half.finishes(1, b"56789")

    victim.watch.flat(play, 2048)
    # After T-TOMB nobody has ever heard of it. Nothing tells when that is; this is a poll, and its deadline ends it.
    deadline = time.monotonic() + 3 * TOMB
    while (said := lurker.answer(lurker.ask(victim.jid, close(late[-1].sid)))) == "result":
        check(time.monotonic() < deadline, "T-TOMB: a session is remembered for ever")
        time.sleep(0.5)
    check(said in UNKNOWN, f"after T-TOMB: {said}")
    victim.as_new(romeo, lurker, tease, mute)
    victim.stop()


run_scenario(scenario, settings=NO_LIMITS)
