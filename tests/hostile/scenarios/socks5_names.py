# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-176, SEC-7: whatever a name server does, a name is looked up once, the address that was checked is the one connected to, and no more than four are"""

import os
import threading

from crowd import NO_LIMITS, Crowd
from harness import check, free_ports, run_scenario
from privatenet import A, AAAA, GOOD, NameServer, Openings, addresses, alias, enter, record, response
from sessions import REFUSED, Offered, streamhost
from socks5peer import CLOSE, Host, honest
from watch import Watch

LOOP_A, LOOP_B = "loop-a.example", "loop-b.example"


def changing(first, later):
    """Says one thing when it is asked for the first time, and another from then on."""
    return lambda question, kind, before: [response(question, addresses(later if before else first)[kind])]


def raw(*packets):
    """function( question ) for each packet."""
    return lambda question, kind, before: [packet(question) for packet in packets]


def right(data):
    return record(A, data)


LOOPBACK = bytes((127, 0, 0, 1))
LIES = {
    "silent.example": lambda *_: [],
    "noise.example": raw(lambda question: os.urandom(300)),
    "short.example": raw(lambda question: question[:5]),
    "other-id.example": raw(lambda question: response(b"\0\0" + question[2:] if question[:2] != b"\0\0" else b"\1\1" + question[2:], [right(LOOPBACK)])),
    "other-name.example": raw(lambda question: response(question, [record(A, LOOPBACK, b"\7another\7example\0")])),
    "promises.example": raw(lambda question: response(question, [right(LOOPBACK)], count=65535)),
    "three-bytes.example": raw(lambda question: response(question, [right(LOOPBACK[:3])])),
    "long-record.example": raw(lambda question: response(question, [right(LOOPBACK * 30)])),
    "runs-over.example": raw(lambda question: response(question, [right(LOOPBACK)])[:-2]),
    "points-at-itself.example": raw(lambda question: response(question, [record(A, LOOPBACK, b"\xc0" + bytes((len(question),)))])),
    "points-away.example": raw(lambda question: response(question, [record(A, LOOPBACK, b"\xff\xff")])),
    "failed.example": raw(lambda question: response(question, [], flags=0x8182)),
    LOOP_A: raw(lambda question: response(question, [alias(LOOP_B)])),
    LOOP_B: raw(lambda question: response(question, [alias(LOOP_A)])),
    "alias-of-itself.example": raw(lambda question: response(question, [alias("alias-of-itself.example")])),
}


def scenario(server):
    openings, names = Openings(), NameServer()
    romeo = Crowd(server).member("romeo", "orchard")
    receiver = server.receiver("juliet", "--accept", "all", "--proxy", "none", "--timeout", "T-R-HOST=1", allow=None)

    def query(session, name, port, jid=romeo.jid):
        return session.query(streamhost(jid, name, port))

    def one_lookup(name):
        check(names.times(name) == (1, 1), f"{name} was looked up {names.times(name)} times (A, AAAA)")

    def arrives(name, known, at=GOOD):
        """Through this name the file comes over SOCKS5, from that address alone."""
        names.zone[name] = known
        session = Offered(romeo, receiver)
        with Host(honest(session.digest, session.data, CLOSE), address=at) as host:
            answer = query(session, name, host.port)
            check(answer == romeo.jid, f"{name}: answered {answer}")
            begun = openings.to(host.port)
            check(begun == [(at, host.port)], f"{name}: connections were opened: {begun}")
        session.arrived("s5b")
        one_lookup(name)

    receiver.jid()      # online
    watch = Watch(receiver)
    before = watch.descriptors()
    arrives("good.example", [GOOD])
    arrives("good6.example", ["2001:db8::1"], at="2001:db8::1")
    arrives("alias.example", raw(lambda question: response(question, [alias("other.example"), record(A, bytes(map(int, GOOD.split("."))), b"\5other\7example\0")])))

    # A name for a good address and for bad ones leads to the good one; with bad ones alone, nowhere (socks5_addresses.py).
    arrives("mixed.example", ["127.0.0.1", "169.254.169.254", GOOD])
    arrives("mixed6.example", ["::1", "fe80::1", GOOD])

    # It changes its mind: what was checked is what is used, and nobody asks again.
    arrives("rebinds.example", changing([GOOD], ["127.0.0.1"]))
    names.zone["improves.example"] = changing(["127.0.0.1"], [GOOD])
    session = Offered(romeo, receiver)
    with Host([CLOSE], address="::") as trap:
        check(query(session, "improves.example", trap.port) == REFUSED, "improves.example: not refused")
        check(not openings.to(trap.port), f"connections were opened: {openings.to(trap.port)}")
    session.in_band()
    one_lookup("improves.example")

    port, = free_ports(1)
    crowd = [f"198.51.100.{last}" for last in range(10, 60)]
    names.zone["fifty.example"] = crowd     # more than a datagram holds, so this goes over TCP, too
    session = Offered(romeo, receiver)
    check(query(session, "fifty.example", port) == REFUSED, "fifty.example: not refused")
    begun = openings.to(port)
    check(len(begun) == 4 and all(address in crowd for address, _ in begun), f"of fifty addresses these were tried: {begun}")
    session.in_band()

    # Lies, eight at a time, while a good host is the last of each query that has one.
    names.zone.update(LIES)
    lies = list(LIES)
    with Host([CLOSE], address="::") as trap:
        for first in range(0, len(lies), 7):
            session = Offered(romeo, receiver)
            with Host(honest(session.digest, session.data, CLOSE), address=GOOD) as host:
                hosts = [streamhost(name, name, trap.port) for name in lies[first:first + 7]]
                answer = session.query(*hosts, streamhost("good.example", GOOD, host.port))
                check(answer == "good.example", f"{lies[first:first + 7]}: answered {answer}")
            session.arrived("s5b")
        for name in lies:
            session = Offered(romeo, receiver)
            answer = query(session, name, trap.port, name)
            check(answer == REFUSED, f"{name}: answered {answer}")
            session.in_band()
        check(not openings.to(trap.port), f"connections were opened: {openings.to(trap.port)}")

        # The answer comes when nobody waits for it any more.
        late, told = threading.Event(), threading.Event()

        def patient(question, kind, _):
            late.wait(30)
            told.set()
            return [response(question, addresses([GOOD, "2001:db8::1"])[kind])]

        names.zone["late.example"] = patient
        session = Offered(romeo, receiver)
        check(query(session, "late.example", trap.port) == REFUSED, "late.example: not refused")
        late.set()
        check(told.wait(30), "nobody asked for late.example")
        session.in_band()
        check(not openings.to(trap.port) and not trap.heard, "an answer that came late was used")

    arrives("good-again.example", [GOOD])
    watch.back_to(before)
    watch.stop()


enter()
run_scenario(scenario, settings=NO_LIMITS)
