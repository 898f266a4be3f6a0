# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-174, TC-177, TC-178, SEC-6, SEC-8: told to connect where it must not, a receiver with its defaults opens no connection, says what it says of any failure, and takes the file in-band"""

from crowd import NO_LIMITS, Crowd
from harness import check, free_ports, run_scenario
from privatenet import GOOD, PRIVATE, NameServer, Openings, enter
from sessions import REFUSED, Offered, streamhost
from socks5peer import CLOSE, RESET, Host, honest
from watch import Watch

# Everything here leads to a host that would take the connection, or, where nobody could, to a packet that would be seen.
NUMERIC = (
    "127.0.0.1", "127.255.255.254", "::1", "[::1]", "0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%lo", "fe80::1%1",
    "[fe80::1%lo]", "224.0.0.1", "239.255.255.255", "ff02::1", "240.0.0.1", "255.255.255.255",
    # IPv4 in other clothes
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.9.9.9", "::127.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2001::1",
    # what inet_aton() understands
    "2130706433", "017700000001", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.1", "127.0.1", "0", "00", "0xa9fea9fe", "169.254.43518",
)
NAMES = {
    "localhost": None, "LocalHost.": None, "ip6-localhost": None,     # /etc/hosts, or the name server
    "loopback.example": ["127.0.0.1"], "loopback6.example": ["::1"], "both.example": ["127.0.0.1", "::1"], "metadata.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:127.0.0.1"], "translated.example": ["64:ff9b::7f00:1"], "zero.example": ["0.0.0.0"], "local6.example": ["fe80::1"],
    "many.example": ["127.0.0.1", "127.0.0.2", "169.254.169.254", "::1", "fe80::1", "0.0.0.0"],
}
# At an address that is fine.
PORTS = ("0", "1", "21", "22", "25", "79", "81", "442", "444", "1023", "-1", "-80", "65536", "65558", "4294967318", "80x", "x", "", " 22", "22 ", "+22", "0x16", "2.2")


def refused(session, openings, what, *hosts, ports):
    before = openings.to(*ports)
    answer = session.query(*hosts)
    check(answer == REFUSED, f"{what}: answered {answer}")
    begun = [opening for opening in openings.to(*ports) if opening not in before]
    check(not begun, f"{what}: connections were opened: {begun}")
    session.in_band()


def scenario(server):
    openings, names = Openings(), NameServer()
    names.zone.update({name.rstrip(".").lower(): addresses or ["127.0.0.1"] for name, addresses in NAMES.items()})
    romeo = Crowd(server).member("romeo", "orchard")
    receiver = server.receiver("juliet", "--accept", "all", "--proxy", "none", allow=None)

    # The trap is at every address that there is; so are mail and ssh.
    trap = Host([CLOSE], address="::")
    low = [Host([CLOSE], address="::", port=port) for port in (22, 25, 1023)]
    ports = [trap.port, 1080, *(host.port for host in low)]

    def session():
        return Offered(romeo, receiver)

    def through(what, jid=romeo.jid, at=GOOD, port=0):
        """The premise: what is allowed is connected to, seen, and works."""
        offered = session()
        with Host(honest(offered.digest, offered.data, CLOSE), address=at, port=port) as host:
            check(offered.query(streamhost(jid, at, host.port)) == jid, f"{what}: not connected")
            check(openings.to(host.port) == [(at, host.port)], f"{what}: the premise is wrong: {openings.to(host.port)}")
        offered.arrived("s5b")

    receiver.jid()      # online
    watch = Watch(receiver)
    before = watch.descriptors()
    through("a good address")

    for host in NUMERIC:
        refused(session(), openings, host, streamhost(romeo.jid, host, trap.port), ports=ports)
    for name in NAMES:
        refused(session(), openings, name, streamhost(romeo.jid, name, trap.port), ports=ports)
    for port in PORTS:
        refused(session(), openings, f"port {port!r}", streamhost(romeo.jid, GOOD, port), ports=range(1, 1024))
    # SEC-6: a private address is the peer's own business only. SEC-8 is about ports, not about them.
    refused(session(), openings, PRIVATE, streamhost("proxy.example", PRIVATE, trap.port), streamhost(romeo.jid, "127.0.0.1", trap.port), ports=ports)
    through("the peer's own private address", at=PRIVATE)
    through("port 443", jid="proxy.example", port=443)

    # SEC-8: a host that is there and one that is not, a rule of ours and a name that does not exist: all look the same to whoever asks.
    closed, = free_ports(1)
    for what, host, script in (("closed", GOOD, None), ("another protocol", GOOD, [b"220 mail.example ESMTP\r\n"]), ("reset", GOOD, [RESET]),
                               ("closes", GOOD, [CLOSE]), ("a name that does not exist", "nowhere.example", None)):
        offered = session()
        other = Host(script, address=GOOD) if script else None
        answer = offered.query(streamhost(romeo.jid, host, other.port if other else closed))
        check(answer == REFUSED, f"{what}: answered {answer}")
        offered.in_band()

    check(not any(host.heard for host in (trap, *low)), "a trap was connected to")
    check(not openings.to(*ports), f"connections were opened: {openings.to(*ports)}")
    through("a good address, afterwards")
    watch.back_to(before)
    watch.stop()


enter()
run_scenario(scenario, settings=NO_LIMITS)
