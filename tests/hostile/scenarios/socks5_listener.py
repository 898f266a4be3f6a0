# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-095, TC-096, TC-138, TC-139, TC-140, TC-188, TC-188a, SEC-17, S5B-9, S5B-10: a listener survives whoever connects to it, lets one in who knows the digest, and forgets the rest"""

import contextlib
import os
import resource
import time

from crowd import NO_LIMITS, Crowd
from harness import check, run_scenario
from peer import IBB, S5B
from sessions import Joined
from socks5peer import CHOICE, GREETING, Client, connect_for, digest_of, reply_for
from strangers import table
from watch import Watch

HANDSHAKES = 16     # SEC-17
SOURCES = [f"127.0.1.{last}" for last in range(1, 201)]


def answered(port, data, source=None, shut=False):
    """What comes back before the end, in whatever way that comes. shut: we have said all that we will."""
    with Client(port, source=source) as client:
        client.send(data)
        if shut:
            with contextlib.suppress(OSError):
                client.socket.shutdown(1)
        return client.read_all()


def table_of_strangers(session):
    for name, data, wanted in table(session.digest):
        back = answered(session.listener, data)
        # Closed over bytes that it had not read, TCP may lose its last words. Only those who said too much can miss them.
        check(back == wanted or (len(data) > 262 and wanted.startswith(back)), f"{name}: got {back.hex()}, wanted: {wanted.hex()}")


def cut_short(session):
    """Every beginning of a good handshake, and then nothing more: FIN and RST."""
    whole = GREETING + connect_for(session.digest)
    for length in range(len(whole)):
        back = answered(session.listener, whole[:length], shut=True)
        check(back in (b"", CHOICE), f"{length} bytes and FIN: got {back.hex()}")
        client = Client(session.listener).send(whole[:length])
        client.reset()


def slow(session):
    """T-SOCKS, three seconds here, is for the whole handshake, however busy somebody looks."""
    quiet = [Client(session.listener) for _ in range(5)]
    busy = Client(session.listener)
    check(busy.send(GREETING).read(2) == CHOICE, "a good greeting was not answered")
    for byte in connect_for(session.digest):
        if busy.ended():
            break
        busy.send(bytes((byte,)))
        # Not a measure of anything: it only has to be slower than T-SOCKS in all.
        time.sleep(0.1)
    check(busy.ended(), "a handshake that took five seconds was not closed")
    for client in quiet:
        check(client.read_all() == b"", "who says nothing was answered")


def crowds(session, watch):
    """Thousands, one after another and at once; from one address and from many."""
    held = watch.descriptors()
    for number in range(3000):
        client = Client(session.listener, source=SOURCES[number % len(SOURCES)] if number % 2 else None)
        client.reset() if number % 3 else client.close()
    watch.back_to(held)

    together = [Client(session.listener, source=SOURCES[number % len(SOURCES)] if number < 500 else None) for number in range(1000)]
    most = held["socket:"] + HANDSHAKES + 1    # one more is held while it is being sent away
    for client in together:
        client.send(GREETING[:1])
    while sum(not client.ended() for client in together) > HANDSHAKES:
        check(watch.descriptors()["socket:"] <= most, f"{watch.descriptors()['socket:'] - held['socket:']} handshakes at once")
        time.sleep(0.02)
    for client in together:
        client.close()
    watch.back_to(held)


def places(tube, holder, watch):
    """TC-188a: sixteen strangers hold all places, and still whoever knows the digest gets in: from another address at once, from theirs a
    second later. One by one they come again, and hold them still."""
    held = watch.descriptors()
    for source, others in ((None, SOURCES[0]), (SOURCES[0], None), (None, None)):
        strangers = [Client(holder.listener, source=others) for _ in range(HANDSHAKES)]
        for stranger in strangers:
            stranger.send(GREETING)
            check(stranger.read(2) == CHOICE, "a stranger was not greeted")
        session = tube.connect().accept().query()
        if source == others:
            # SEC-17: this second is a rule, not a measure. Whoever comes too early is closed and may come again.
            time.sleep(1.2)
        session.carries(session.direct(source))
        for stranger in strangers:
            stranger.close()
        watch.back_to(held)


def two_of_the_same(tube):
    """S5B-9, NEG-12: a digest is good once, and not before its time."""
    early = tube.connect()
    other = tube.connect().accept().query()
    for digest in early.digest, digest_of(other.sid, other.member.jid, other.origin):
        back = answered(other.listener, GREETING + connect_for(digest))
        check(back == CHOICE + reply_for(digest, 2), f"a digest that is not asked for got {back.hex()}")
    # The first one in waits for its W-10, and the second hears 02, in small letters and in large.
    client = Client(other.listener)
    capitals = other.digest.upper()
    check(client.shake(capitals) == reply_for(capitals), "a digest in capitals was not taken")
    for digest in other.digest, capitals:
        back = answered(other.listener, GREETING + connect_for(digest))
        check(back == CHOICE + reply_for(digest, 2), f"a digest that is used got {back.hex()}")
    other.used()
    other.carries(client)
    early.accept().query()
    back = answered(early.listener, GREETING + connect_for(other.digest))
    check(back == CHOICE + reply_for(other.digest, 2), f"the digest of a stream that is over got {back.hex()}")
    # Somebody who has learnt the digest is quicker: nothing is told to him, and the peer has another way.
    thief = Client(early.listener, source=SOURCES[0])
    check(thief.shake(early.digest) == reply_for(early.digest), "whoever knows the digest is not let in")
    back = answered(early.listener, GREETING + connect_for(early.digest))
    check(back == CHOICE + reply_for(early.digest, 2), f"a digest that is used got {back.hex()}")
    early.member.error(early.asked, "item-not-found")
    early.falls_back()
    check(thief.read_all() == b"", "the thief was told something")


def hasty(tube):
    """S5B-15: payload in one piece with the handshake, and the handshake byte by byte."""
    for slowly in (False, True):
        session = tube.connect().accept().query()
        payload = os.urandom(100000)
        client = Client(session.listener)
        data = GREETING + connect_for(session.digest)
        if slowly:
            for byte in data:
                client.send(bytes((byte,)))
            client.send(payload)
        else:
            client.send(data + payload)
        check(client.read(49) == CHOICE + reply_for(session.digest), "a hasty client was not let in")
        session.used()
        check(session.tcp.read(len(payload)) == payload, "what came with the handshake was lost")
        session.carries(client)


def scenario(server):
    romeo = Crowd(server).member("romeo", "orchard")
    tube = Joined(server, romeo, "--proxy", "none", "--timeout", "T-SOCKS=3")
    watch = Watch(tube.bot)
    before = watch.descriptors()
    first = tube.connect().accept().query()
    first.carries(first.direct())
    resident = watch.resident()

    # While this one waits for its answer the listener is open, and its digest is good.
    holder = tube.connect().accept(S5B, IBB).query()
    for part in table_of_strangers, cut_short, slow:
        part(holder)
    crowds(holder, watch)
    # Nothing of it was counted against the session (S5B-10).
    holder.carries(holder.direct())

    two_of_the_same(tube)
    hasty(tube)
    holder = tube.connect().accept().query()
    places(tube, holder, watch)
    holder.give_up()

    last = tube.connect().accept().query()
    last.carries(last.direct())
    watch.as_before(before, resident)
    watch.stop()


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
run_scenario(scenario, settings=NO_LIMITS)
