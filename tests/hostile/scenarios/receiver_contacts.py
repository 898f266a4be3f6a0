# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-1, SEC-21: nobody makes himself a contact, or passes for one; whom our own server calls one is one, as long as it does"""

from bodies import offer
from crowd import Crowd
from harness import DOMAIN, check, run_scenario
from peer import Peer, need_slixmpp

ROSTER = "jabber:iq:roster"
VICTIM = f"juliet@{DOMAIN}"
FRIEND = f"romeo@{DOMAIN}"

# What a stanza may say besides of where it comes from. In which order attributes arrive is the server's business, so many of them come before and behind the true one.
ORIGINS = {
    "nobody else": lambda who: "",
    "a prefixed from": lambda who: "".join(f" xmlns:p{number}='urn:x:{number}' p{number}:from='{who}'" for number in range(20)),
    "xml:from": lambda who: f" xml:from='{who}'",
}


def roster(*items):
    return f"<query xmlns='{ROSTER}'>{''.join(items)}</query>"


def item(who, subscription="both"):
    return f"<item jid='{who}' subscription='{subscription}'/>"


def tells(member, to, body, kind, origin):
    """Whatever becomes of it, it is dealt with then."""
    member.send(f"<iq type='{kind}' id='told' to='{to}'{origin}>{body}</iq>")
    member.settle(to)
    member.stanzas.clear()


def answer(member, to, sid):
    """What the bot says to this member's offer."""
    member.request(to, offer(sid), identity=sid)
    return member.answer(sid)


def scenario(server):
    crowd = Crowd(server)
    receiver = server.receiver("juliet")
    to = receiver.jid()
    mallory = crowd.member("mallory")
    account = mallory.jid.partition("/")[0]

    # Into the roster, by a push, or by an answer to what was not asked.
    for name, origin in ORIGINS.items():
        for pretended in VICTIM, to, DOMAIN:
            for kind in "set", "result":
                tells(mallory, to, roster(item(account)), kind, origin(pretended))
                said = answer(mallory, to, "stranger")
                check(said == "service-unavailable", f"after a {kind} with {name} of {pretended}, a stranger's offer is answered with {said}")

    # As somebody who is in it: such an offer must not even be looked at.
    for origin in ORIGINS.values():
        tells(mallory, to, offer("borrowed"), "set", origin(f"{FRIEND}/sender"))
    check(not receiver.find("offer"), f"a stranger's offer was looked at: {receiver.find('offer')}")

    # Nor out of it: those whom the server named are contacts still.
    for origin in ORIGINS.values():
        tells(mallory, to, roster(item(FRIEND, "remove")), "set", origin(VICTIM))
        tells(mallory, to, roster(), "result", origin(VICTIM))
    check(server.sender("romeo", to, server.make_file(1000)).wait_exit(60) == 0, "a contact's file was not taken")

    # What the server pushes counts at once.
    juliet = Peer(server, "juliet")
    for subscription, wanted in ("none", "result"), ("remove", "service-unavailable"):
        juliet.send(f"<iq type='set' id='{subscription}'>{roster(item(account, subscription))}</iq>")
        juliet.settle(to)
        said = answer(mallory, to, subscription)
        check(said == wanted, f"after a push with the subscription {subscription}, the offer is answered with {said}")


need_slixmpp()
run_scenario(scenario)
