# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-10, SEC-6, SEC-7, SEC-8: a proxy that says it is at an address where it has no business is neither offered nor connected to"""

import xml.etree.ElementTree as ElementTree

from crowd import NO_LIMITS, Crowd
from harness import check, run_scenario
from peer import S5B
from privatenet import GOOD, PRIVATE, NameServer, Openings, addresses, enter, response
from sessions import Joined, streamhost
from socks5peer import CHOICE, CLOSE, Host, Read, reply_for
from watch import Watch

# By themselves wrong, so that not even the target hears of them; then wrong behind a name, which only S's own look-up shows.
NUMERIC = ("127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "224.0.0.1")
NAMED = ("loopback.example", "2130706433", "0x7f.1", "rebinds.example")


def scenario(server):
    openings, names = Openings(), NameServer()
    names.zone["loopback.example"] = ["127.0.0.1", "::1"]
    names.zone["rebinds.example"] = lambda question, kind, before: [response(question, addresses([GOOD if before else "127.0.0.1"])[kind])]
    crowd = Crowd(server)
    romeo = crowd.member("romeo", "orchard")
    trap = Host([CLOSE], address="::")
    low = Host([CLOSE], address="::", port=22)
    ports = trap.port, low.port
    proxied = [Read(3), CHOICE, Read(47), reply_for("0" * 40)]
    good, private = Host(proxied, address=GOOD), Host(proxied, address=PRIVATE)

    def online(resource, places):
        """A bot that asks as many proxies, each of which says that it is at that place."""
        proxies = [crowd.member(f"{resource}-{number}", None) for number in range(len(places))]
        arguments = [word for proxy in proxies for word in ("--proxy", proxy.jid)]
        tube = Joined(server, romeo, "--no-direct", *arguments, allow=None, resource=resource)
        for proxy, (jid, host, port) in zip(proxies, places):
            asked = proxy.wait(child="query", kind="get")
            proxy.result(asked, f"<query xmlns='{S5B}'>{streamhost(jid or proxy.jid, host, port)}</query>")
        for proxy in proxies:
            proxy.settle(tube.jid)
        return tube, [proxy.jid for proxy in proxies]

    def leads_nowhere(tube, jid, offered):
        session = tube.connect().accept().query()
        check((jid in dict(session.hosts)) == offered, f"{jid}: offered: {session.hosts}")
        session.used(jid)
        session.falls_back()
        check(not openings.to(*ports), f"{jid}: connections were opened: {openings.to(*ports)}")

    tube, _ = online("numeric", [(None, host, trap.port) for host in NUMERIC])
    session = tube.connect()
    check(S5B not in ElementTree.tostring(session.offer, "unicode"), "SOCKS5 was offered without a host")
    session.accept().falls_back()
    Watch(tube.bot).stop()

    places = [*((None, name, trap.port) for name in NAMED), (None, GOOD, low.port), ("another.gateway.localhost", GOOD, good.port),
              (None, PRIVATE, private.port), (None, GOOD, good.port)]
    tube, jids = online("named", places)
    for number, jid in enumerate(jids[:6]):
        leads_nowhere(tube, jid, offered=number < len(NAMED))
    check(names.times("rebinds.example") == (1, 1), f"looked up {names.times('rebinds.example')} times")
    # Private addresses are allowed here: a proxy may well be in our own network.
    for jid, host in zip(jids[6:], (private, good)):
        session = tube.connect().accept().query()
        check(dict(session.hosts)[jid] == host.port, f"offered: {session.hosts}")
        session.used(jid)
        proxy = crowd.member(jid.partition("@")[0], None)
        proxy.result(proxy.wait(child="query"))
        tube.bot.wait_event("open", sid=session.sid)
        session.tcp.close()
        tube.bot.wait_event("done", sid=session.sid)
    check(not trap.heard and not low.heard, "a trap was connected to")
    Watch(tube.bot).stop()


enter()
run_scenario(scenario, settings=NO_LIMITS)
