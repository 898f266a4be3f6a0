# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-108, TC-109, TC-111, TC-135, TC-136, TC-223, S5B-12, S5B-13: whatever the hosts of a query say, cut off or leave unsaid, a good one among them carries the file, and without one it comes in-band"""

import os

from crowd import NO_LIMITS, Crowd
from harness import check, run_scenario
from sessions import REFUSED, Offered, streamhost
from socks5peer import CHOICE, CLOSE, GREETING, RESET, SILENCE, Host, Read, Slowly, connect_for, honest, reply_for
from watch import Watch

MOST = 8    # SEC-9: of a query's hosts


def lies(digest):
    """Scripts of which none is a good handshake, and how much of ours a host may hear: SEC-8: of a host that has not said 05 00, the greeting."""
    good = reply_for(digest)
    for choice in (b"\5\1", b"\5\2", b"\5\3", b"\5\x80", NO, b"\4\0", b"\0\5", b"\1\0", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n",
                   b"\x16\3\1\2\0\1\0\1\xfc\3\3", b"<?xml version='1.0'?>", b"\0" * 300, b"\xff" * 300, MEGABYTE):
        yield [choice], GREETING
        yield [Read(3), choice, CLOSE], GREETING
    for end in (CLOSE, RESET, SILENCE):
        yield [end], GREETING
        yield [Read(3), end], GREETING
    whole = GREETING + connect_for(digest)
    for status in (*range(1, 9), 0x7F, 0xFF):
        yield [Read(3), CHOICE, Read(47), reply_for(digest, status)], whole
    for reply in (b"\4" + good[1:], b"\0\0" + good[2:], b"\5\0\0\2" + good[4:], b"\5\0\0\5" + good[4:], b"\5\0\0\xff" + good[4:], b"\5\0\1\0\0\0",
                  b"\5\0\0\0\1\0", b"\5\0\0\0\0\1", b"HTTP", NOISE):
        yield [Read(3), CHOICE, Read(47), reply], whole
    # The length of a name says more than there is: all of it is waited for, and then there is an end.
    for length in (41, 255):
        yield [Read(3), CHOICE, Read(47), b"\5\0\0\3%c" % length + digest.encode() + b"\0\0", CLOSE], whole
    # Cut at each byte, and left at that after some of them.
    yield [Read(3), CHOICE[:1]], GREETING
    for cut in (0, 1, 4, 46):
        yield [Read(3), CHOICE, Read(47), good[:cut]], whole
    for end in (CLOSE, RESET):
        yield [Read(3), CHOICE[:1], end], GREETING
        for cut in range(len(good)):
            yield [Read(3), CHOICE, Read(47), good[:cut], end], whole


def truths(digest):
    """Replies that are as good as ours: section 1.6 of the rulebook reads them all, and ignores what they say of an address."""
    yield reply_for(digest)
    yield reply_for(digest[::-1])                                         # somebody else's name
    yield b"\5\0\0\3\x09" + b"127.0.0.1" + b"\xff\xff"
    yield b"\5\0\0\3\xff" + b"x" * 255 + b"\0\0"
    yield b"\5\0\0\3\0" + b"\0\0"
    yield b"\5\0\0\3\5" + b"\0\r\n\xff<" + b"\0\x16"
    yield b"\5\0\0\1" + bytes((169, 254, 169, 254)) + b"\0\x16"
    yield b"\5\0\0\4" + b"\0" * 15 + b"\1" + b"\0\x16"
    yield b"\5\0\0\0\0\0"
    yield b"\5\0\xff\3\x28" + digest.encode() + b"\0\0"


NO = b"\5\xff"
MEGABYTE = b"G" * (1 << 20)
NOISE = b"\5\0\0\x7f" + os.urandom(1 << 20)


def ask(session, *hosts, extra=()):
    """A query with these hosts, each with a JID of its own, and what is answered."""
    return session.query(*(streamhost(f"host{number}.example", "127.0.0.1", host.port) for number, host in enumerate(hosts)), *extra)


def heard(host, script, most):
    check(host.wait_over(), f"{script}: not closed")
    check(len(host.heard) == 1, f"{script}: connected to {len(host.heard)} times")
    said = host.heard[0]
    # A host that goes away, or says wrong things, before it listens may miss our words.
    complete = isinstance(script[0], Read) and CLOSE not in script and RESET not in script
    check(said == most if complete else most.startswith(said), f"{script}: was told {said.hex()}, wanted: {most.hex()}")


def scenario(server):
    romeo = Crowd(server).member("romeo", "orchard")
    receiver = server.receiver("juliet", "--accept", "all", "--proxy", "none", "--timeout", "T-R-HOST=2")

    def offered():
        return Offered(romeo, receiver)

    def good():
        session = offered()
        with Host(honest(session.digest, session.data, CLOSE)) as host:
            check(ask(session, host) == "host0.example", "a good host was not used")
        session.arrived("s5b")

    receiver.jid()      # online
    watch = Watch(receiver)
    before = watch.descriptors()
    good()
    resident = watch.resident()

    # Without a good one: as many as a query has, and then in-band.
    count = len(list(lies("0" * 40)))
    for first in range(0, count, MOST):
        session = offered()
        scripts = list(lies(session.digest))[first:first + MOST]
        hosts = [Host(script) for script, _ in scripts]
        answer = ask(session, *hosts)
        check(answer == REFUSED, f"{scripts}: answered {answer}")
        for host, (script, most) in zip(hosts, scripts):
            heard(host, script, most)
            host.close()
        session.in_band()
    watch.back_to(before)

    # Seven of them, of every kind, and a good one behind them. A ninth is not looked at (SEC-9).
    session = offered()
    reply = reply_for(session.digest)
    hosts = [Host(script) for script in ([SILENCE], [NO], [MEGABYTE], [RESET], [Read(3), CHOICE, Read(47), reply_for(session.digest, 5)],
                                         [Read(3), CHOICE, Read(47), reply[:46]], [Read(3), CHOICE, Read(47), reply[:20], CLOSE])]
    with Host(honest(session.digest, session.data, CLOSE)) as host, Host([CLOSE]) as ninth:
        answer = ask(session, *hosts, host, ninth)
        check(answer == f"host{len(hosts)}.example", f"a good host behind bad ones: answered {answer}")
        check(not ninth.heard, "a ninth host was connected to")
    session.arrived("s5b")
    session = offered()
    with Host(honest(session.digest)) as host:
        silent = [Host([SILENCE]) for _ in range(MOST)]
        check(ask(session, *silent, host) == REFUSED, "eight silent hosts: not refused")
        check(not host.heard, "a ninth host was connected to")
    session.in_band()

    # Good ones, however they put it, and whatever comes right behind it (S5B-15).
    for number in range(len(list(truths("0" * 40)))):
        for way in ("whole", "slowly", "glued", "before it is asked"):
            session = offered()
            reply = list(truths(session.digest))[number]
            script = {"whole": [Read(3), CHOICE, Read(47), reply, session.data, CLOSE],
                      "slowly": [Read(3), Slowly(CHOICE), Read(47), Slowly(reply[:60]), reply[60:], session.data, CLOSE],
                      "glued": [Read(3), CHOICE, Read(47), reply + session.data, CLOSE],
                      "before it is asked": [CHOICE + reply + session.data, Read(50), CLOSE]}[way]
            with Host(script) as host:
                answer = ask(session, host)
                check(answer == "host0.example", f"{reply!r} {way}: answered {answer}")
                check(host.wait_over() and host.heard == [GREETING + connect_for(session.digest)], f"{way}: was told {host.heard}")
            session.arrived("s5b")

    # Megabytes of it: what is more than the file is not taken (PFT-10), and not kept.
    session = Offered(romeo, receiver, b"exactly this")
    with Host(honest(session.digest, session.data + MEGABYTE * 8)) as host:
        check(ask(session, host) == "host0.example", "too much behind the reply: not used")
        check(host.wait_over(), "too much behind the reply: not closed")
    session.arrived("s5b")

    good()
    watch.as_before(before, resident)
    watch.stop()


run_scenario(scenario, settings=NO_LIMITS)
