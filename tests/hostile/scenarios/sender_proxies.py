# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
# ALONE
"""SEC-6, SEC-10, S5B-2, S5B-7: a service of the own server that poses as a proxy is offered by its own sound address or not at all, and costs no file"""

from typing import NamedTuple

from bodies import host
from crowd import NO_LIMITS, Crowd
from harness import COMPONENT, Failure, check, free_ports, run_scenario
from offerer import Offerer
from peer import IBB, S5B, STANZAS, list_answer, payload

DISCO = "http://jabber.org/protocol/disco#info"
IDENTITY = "<identity category='proxy' type='bytestreams'/>"
MANY = 1000  # more take a busy machine longer to read than an offer waits (TMO-5)
MEBIBYTE = "x" * (1 << 20)
REFUSED = f"<error type='cancel'><forbidden xmlns='{STANZAS}'/></error>"


class Case(NamedTuple):
    """What the service says of its address (PORT: one where nobody listens), and how many streamhosts of its are offered then."""

    name: str
    address: str
    offered: int
    identity: str = IDENTITY
    kind: str = "result"


def hosts(*elements):
    return f"<query xmlns='{S5B}'>{''.join(elements)}</query>"


CASES = (
    Case("no proxy", "", 0, "<identity category='gateway' type='x'/>"),
    Case("one identity of a thousand", hosts(host(COMPONENT, "PORT")), 1, "<identity category='x' type='y'/>" * MANY + IDENTITY),
    Case("refused", REFUSED, 0, kind="error"),
    Case("an address in an error", hosts(host(COMPONENT, "PORT")) + REFUSED, 0, kind="error"),
    Case("nothing", "", 0),
    Case("no host", hosts(), 0),
    Case("somebody else's name", hosts(host("proxy.localhost", "PORT"), host("mallory@localhost/x", "PORT")), 0),
    Case("no port", hosts(host(COMPONENT, 0), host(COMPONENT, 65536), host(COMPONENT, -1), host(COMPONENT, "x")), 0),
    Case("a host of a mebibyte", hosts(host(COMPONENT, "PORT", MEBIBYTE)), 0),
    Case("the metadata service", hosts(host(COMPONENT, 80, "169.254.169.254")), 0),  # SEC-10: we would not go there ourselves
    Case("a thousand hosts", hosts(*[host(COMPONENT, 2000 + number) for number in range(MANY)]), 7),
    Case("an address where nobody listens", hosts(host(COMPONENT, "PORT")), 1),
)


def play_case(server, crowd, case, number):
    juliet = crowd.member(f"juliet{number}")
    service = crowd.member("", "")
    port = free_ports(1)[0]

    def answer(request, kind, body):
        service.send(f"<iq type='{kind}' id='{request.get('id')}' to='{request.get('from')}'>{body}</iq>")

    offerer = Offerer(server, juliet, 1, "--proxy", "auto")
    asked = service.wait(child="query", kind="get", origin=offerer.jid)
    answer(asked, "result", f"<query xmlns='{DISCO}'>{case.identity}</query>")
    if IDENTITY in case.identity:
        asked = service.wait(child="query", kind="get", origin=offerer.jid)
        answer(asked, case.kind, case.address.replace("PORT", str(port)))
    offered = offerer.next()
    query = offered.accepted(S5B, IBB).wait("query")
    theirs = [streamhost.get("host") for streamhost in payload(query) if streamhost.get("jid") == COMPONENT]
    # TMO-5: what is read too late is not offered.
    check(len(theirs) == case.offered or case.offered > 1 and len(theirs) < 8, f"offered: {[streamhost.attrib for streamhost in payload(query)]}")
    check(len(payload(query)) <= 8, f"S5B-2: {len(payload(query))} streamhosts")
    juliet.result(query, f"<query xmlns='{S5B}'><streamhost-used jid='{COMPONENT}'/></query>")
    offered.finishes(offered.wait("open"))
    check(offerer.bot.find("failed", method="s5b"), f"{offerer.bot.events}")
    offerer.as_new()


def scenario(server):
    crowd = Crowd(server)
    for number, case in enumerate(CASES):
        try:
            play_case(server, crowd, case, number)
        except Failure as failure:
            raise Failure(f"{case.name}: {str(failure)[:3000]}") from None


run_scenario(scenario, settings=NO_LIMITS)
