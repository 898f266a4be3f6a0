# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-081 to TC-085, TC-181, S5B-7, S5B-8, SEC-10: whatever a proxy and its target make up, an initiator uses it only once it is activated, and otherwise goes on in-band"""

import os
import queue

from crowd import NO_LIMITS, Crowd
from harness import check, run_scenario
from peer import S5B, payload
from sessions import Joined
from socks5peer import (CHOICE, CLOSE, GREETING, NO_METHOD, PATIENCE, RESET, SILENCE, Call, Client, Host, Read, Slowly,
                        connect_for, reply_for)
from watch import Watch

REPLY = reply_for("0" * 40)     # what a host says of the address is not looked at
SHAKE = [Read(3), CHOICE, Read(47), REPLY]

# What is no good handshake: socks5_hosts.py has all of them, and this is the same reader.
SOCKETS = (
    [CLOSE], [RESET], [SILENCE], [NO_METHOD], [b"HTTP/1.1 403 Forbidden\r\n\r\n"], [Read(3), CHOICE, Read(47), SILENCE],
    *([Read(3), CHOICE, Read(47), reply_for("0" * 40, status)] for status in range(1, 9)),
    *([Read(3), CHOICE, Read(47), REPLY[:cut], CLOSE] for cut in (1, 4, 46)),
)
CONDITIONS = ("item-not-found", "not-allowed", "not-authorized", "forbidden", "internal-server-error", "service-unavailable",
              # of the proxy, which says nothing of the target (NEG-7)
              "remote-server-not-found", "remote-server-timeout", "recipient-unavailable", "gone")


class Proxy:
    """Both halves: a JID that is asked and told, and a host that plays the script of each case."""

    def __init__(self, member):
        self.member = member
        self.jid = member.jid
        self.host = Host([])
        self._streams = queue.Queue()
        # At the end of a script: the scenario has the socket.
        self.hand_over = [Call(lambda sock: self._streams.put(sock.dup())), CLOSE]

    def tell_address(self):
        """The bot asks for it once, when it comes online."""
        asked = self.member.wait(child="query", kind="get")
        self.member.result(asked, f"<query xmlns='{S5B}'><streamhost jid='{self.jid}' host='127.0.0.1' port='{self.host.port}'/></query>")

    def stream(self):
        return Client.over(self._streams.get(timeout=PATIENCE))

    def activation(self, session):
        """W-13."""
        asked = self.member.wait(child="query")
        query = payload(asked)
        check((query.get("sid"), next(iter(query)).text) == (session.sid, session.member.jid), "W-13 is about something else")
        return asked


def scenario(server):
    crowd = Crowd(server)
    romeo, mallory = crowd.member("romeo", "orchard"), crowd.member("mallory", "peer")
    proxy = Proxy(crowd.member("proxy", None))
    tube = Joined(server, romeo, "--no-direct", "--proxy", proxy.jid, "--timeout", "T-S-PROXY=1", "--timeout", "T-S-ACT=1")
    proxy.tell_address()

    def start(*script, names=proxy.jid):
        """A session whose target names this host; where in proxy.host.heard its connections begin is in session.first."""
        proxy.host.script = script
        session = tube.connect().accept().query()
        session.first = len(proxy.host.heard)
        check(session.hosts == [(proxy.jid, proxy.host.port)], f"offered: {session.hosts}")
        session.used(names)
        return session

    def told(session):
        return proxy.host.heard[session.first:]

    def falls_back(what, session):
        session.falls_back()
        failed = [event["method"] for event in tube.bot.find("failed", sid=session.sid)]
        check(failed == ["s5b"], f"{what}: failed: {failed}")
        for member in romeo, proxy.member, mallory:
            member.nothing_more(tube.jid)

    def carries(what, session):
        session.carries(proxy.stream())
        opened = [event["method"] for event in tube.bot.find("open", sid=session.sid)]
        check(opened == ["s5b"], f"{what}: opened: {opened}")
        check(told(session) == [GREETING + connect_for(session.digest)], f"{what}: the proxy was told {told(session)}")

    def works(script=(*SHAKE, *proxy.hand_over)):
        session = start(*script)
        proxy.member.result(proxy.activation(session))
        carries("an honest proxy", session)

    watch = Watch(tube.bot)
    before = watch.descriptors()
    works()
    resident = watch.resident()

    # ---- the host

    for script in SOCKETS:
        session = start(*script)
        falls_back(script, session)
        check(len(told(session)) == 1 and told(session)[0] in (b"", GREETING, GREETING + connect_for(session.digest)), f"{script}: the proxy was told {told(session)}")
    works([Read(3), Slowly(CHOICE), Read(47), Slowly(REPLY), *proxy.hand_over])

    # ---- the activation

    for condition in CONDITIONS:
        session = start(*SHAKE)
        proxy.member.error(proxy.activation(session), condition)
        falls_back(condition, session)
    for what in "silent", "too late":
        session = start(*SHAKE)
        asked = proxy.activation(session)
        falls_back(what, session)
        if what == "too late":
            proxy.member.result(asked)
            proxy.member.nothing_more(tube.jid)
    for first, second in ("result", "result"), ("result", "error"), ("error", "result"), ("error", "error"):
        session = start(*SHAKE, *proxy.hand_over)
        asked = proxy.activation(session)
        for kind in first, second:
            getattr(proxy.member, kind)(asked)
        if first == "error":
            falls_back(f"{first}, then {second}", session)
            check(proxy.stream().read_all() == b"", "the abandoned stream was told something")
        else:
            carries(f"{first}, then {second}", session)
    # Nobody else can say that it is activated, or that it is not (GEN-5).
    session = start(*SHAKE, *proxy.hand_over)
    asked = proxy.activation(session)
    for liar in mallory, romeo:
        liar.result(asked)
        liar.error(asked)
        liar.settle(tube.jid)
    check(not tube.bot.find("open", sid=session.sid) and not tube.bot.find("failed", sid=session.sid), "a forged answer to W-13 counted")
    proxy.member.result(asked, f"<query xmlns='{S5B}' sid='another'><streamhost-used jid='{mallory.jid}'/></query>")
    carries("an answer with something in it", session)

    # ---- what it does with the stream

    for end in CLOSE, RESET:
        # ST-S-28: before it is activated
        session = start(*SHAKE, end)
        asked = proxy.activation(session)
        falls_back(f"{end} before the activation", session)
        proxy.member.result(asked)
        # NEG-11: afterwards it is the end of the stream, and not a reason for in-band.
        session = start(*SHAKE, *proxy.hand_over)
        proxy.member.result(proxy.activation(session))
        stream = proxy.stream()
        tube.bot.wait_event("open", sid=session.sid)
        stream.close() if end == CLOSE else stream.reset()
        tube.bot.wait_event("done" if end == CLOSE else "error", sid=session.sid)
        check(session.tcp.read_all() == b"", "bytes out of nowhere")
        session.tcp.close()
        romeo.nothing_more(tube.jid)
    # What it says too early is kept until the stream is one (NEG-10), and then part of it.
    early = os.urandom(5000)
    session = start(Read(3), CHOICE, Read(47), REPLY + early, *proxy.hand_over)
    asked = proxy.activation(session)
    check(not tube.bot.find("open", sid=session.sid), "open before it is activated")
    proxy.member.result(asked)
    check(session.tcp.read(len(early)) == early, "what came with the reply was lost")
    carries("payload before the activation", session)

    # ---- the target

    for name in ("mallory@gateway.localhost/peer", "other.gateway.localhost", proxy.jid + "/resource", "localhost", tube.jid, romeo.jid):
        session = start(*SHAKE, names=name)
        falls_back(f"{name} was not offered", session)
        check(not told(session), f"{name} is not the proxy, which was connected to")
    session = start(*SHAKE, *proxy.hand_over)
    session.used(tube.jid)
    romeo.error(session.asked)
    proxy.member.result(proxy.activation(session))
    carries("three answers to one query", session)

    works()
    watch.as_before(before, resident)
    watch.stop()


run_scenario(scenario, settings=NO_LIMITS)
