# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-9, SEC-13, SEC-14, PCU-10: floods from one JID and from thousands meet bounds, leave nothing behind, and hold up no honest file"""

# TIMEOUT 600

from bodies import close, data, file, form, host, note, offer, opening, query
from crowd import NO_LIMITS, Crowd
from harness import check, run_scenario
from peer import UNKNOWN
from victim import CONTENT, SESSIONS, SESSIONS_PER_PEER, TOMBSTONES, Session, Silent, Victim

PEOPLE = 1300      # more than there are sessions, and tombstones
UNSOLICITED = 200  # of each kind, from one JID
QUERIES_PER_PEER = 4
QUERIES = 16
NOTES = 8


class Flood:
    """What a crowd does to one receiver."""

    def __init__(self, crowd, victim):
        self.victim = victim
        self.people = [crowd.member(f"somebody{number}") for number in range(PEOPLE)]
        self.one = crowd.member("one")
        self.mute = [crowd.member(f"mute{number}", takes_notes=True) for number in range(SESSIONS)]
        self.resources = [crowd.member("many", f"resource{number}") for number in range(100)]

    def ask(self, members, body):
        """One request from each; body( sid ). The sids, and what the answers say."""
        sids = [f"flood-{len(self.victim.sids)}-{number}" for number in range(len(members))]
        asked = [member.ask(self.victim.jid, body(sid)) for member, sid in zip(members, sids)]
        return sids, [member.answers([identity])[0] for member, identity in zip(members, asked)]

    def offers(self, members, wanted):
        """One offer from each, of which so many are accepted and the others told to wait: the sessions. What there is of each file is kept."""
        kept = {"inside": "<range/>", "attributes": " date='2005-11-29T11:21:00Z'"}
        sids, said = self.ask(members, lambda sid: offer(sid, file(name=f"{sid}.bin", **kept), form()))
        accepted = [Session(self.victim, member, sid) for member, sid, answer in zip(members, sids, said) if answer == "result"]
        self.victim.sids += [session.sid for session in accepted]
        check(len(accepted) == wanted, f"{len(accepted)} offers were accepted, wanted: {wanted}")
        check(said.count("resource-constraint") == len(members) - wanted, f"offers were answered with {set(said)}")
        return accepted

    def all(self, sessions, body, *wanted):
        """The same in every session, all at once."""
        asked = [session.member.ask(self.victim.jid, body(session.sid)) for session in sessions]
        said = {session.member.answers([identity])[0] for session, identity in zip(sessions, asked)}
        check(said <= set(wanted), f"{said}, wanted: {wanted}, to {body('sid')}")

    # The floods

    def from_one(self):
        """SEC-13: the account counts, not the resource."""
        for members in ([self.one] * 1000, self.resources):
            self.all(self.offers(members, SESSIONS_PER_PEER), close, "result")

    def from_many(self):
        """SEC-13, SEC-14."""
        accepted = self.offers(self.people, SESSIONS)
        self.all(accepted, opening, "result")
        self.all(accepted, lambda sid: data(sid, 0, CONTENT[:5]), "result")
        self.all(accepted, close, "result")

    def tombstones(self):
        """SEC-14: the oldest go, the youngest are there."""
        ended = []
        for begin in range(0, PEOPLE, SESSIONS):
            people = self.people[begin:begin + SESSIONS]
            accepted = self.offers(people, len(people))
            self.all(accepted, close, "result")
            ended += accepted
        self.all(ended[:len(ended) - TOMBSTONES], close, *UNKNOWN)
        self.all(ended[len(ended) - TOMBSTONES:], close, "result")

    def unsolicited(self):
        """GEN-8, SEC-2: nothing of a session without one; what is no request is not answered at all."""
        with Silent() as silent:
            bodies = (lambda sid: query(sid, host(self.one.jid, silent.port)), opening, lambda sid: data(sid, 0, CONTENT), close, note)
            for body in bodies:
                for members in ([self.one] * UNSOLICITED, self.people[:UNSOLICITED]):
                    said = set(self.ask(members, body)[1])
                    check(said <= set(UNKNOWN), f"{said} to {body('sid')}")
            for number in range(UNSOLICITED):
                for stanza in (f"<message to='TO'>{data(f'none-{number}', 0, CONTENT)}</message>",
                               f"<iq type='result' id='none-{number}' to='TO'>{offer('x')}</iq>",
                               f"<iq type='error' id='none-{number}' to='TO'>{opening('x')}<error/></iq>",
                               "<presence type='unavailable' to='TO'/>"):
                    self.people[number].send(stanza.replace("TO", self.victim.jid))
            self.one.nothing_more(self.victim.jid)
            check(silent.connections() == 0, "somebody was connected to without an offer")

    def queries(self):
        """SEC-9: so many hosts are connected to for one account, and for all."""
        with Silent() as silent:
            for members, wanted in (([self.one] * (QUERIES_PER_PEER + 2), QUERIES_PER_PEER), (self.people[:QUERIES + 4], QUERIES)):
                accepted = self.offers(members, len(members))
                asked = [session.member.ask(self.victim.jid, query(session.sid, host(session.member.jid, silent.port)))
                         for session in accepted]
                refused = [session.member.answers([identity])[0] for session, identity in list(zip(accepted, asked))[wanted:]]
                check(set(refused) == {"item-not-found"}, f"too many queries are answered with {set(refused)}")
                for session in accepted[:wanted]:
                    self.victim.bot.wait_event("attempt", 30, sid=session.sid, port=silent.port)
                # CLS-5.
                self.all(accepted, close, "result")
                said = [session.member.answers([identity])[0] for session, identity in list(zip(accepted, asked))[:wanted]]
                check(set(said) == {"item-not-found"}, f"cancelled queries are answered with {set(said)}")
                check(silent.connections() == wanted, f"connections, wanted: {wanted}")

    def notes(self):
        """PCU-10."""
        session = self.offers([self.one], 1)[0]
        said = self.one.answers([self.one.ask(self.victim.jid, note(session.sid)) for _ in range(UNSOLICITED)])
        check(said[:NOTES] == ["result"] * NOTES and "result" not in said[NOTES + 2:], f"notes are answered with {said[:20]}")
        session.finishes()

    def unanswered_notes(self):
        """PCU-10: more people than there may be notes on their way never answer one, and somebody else's note gets through."""
        for _ in range(2):
            accepted = self.offers(self.mute, SESSIONS)
            self.all(accepted, lambda sid: note(sid, "sent"), "result")
            self.all(accepted, close, "result")
        self.victim.serves_honest_people()
        for member in self.mute:
            for _ in range(2):
                member.wait(child="lacking")


def scenario(server):
    crowd = Crowd(server)
    victim = Victim(server, crowd)
    flood = Flood(crowd, victim)

    def play():
        # All the while a file is on its way, as slowly as its receiver takes it.
        original = server.make_file(1 << 20, f"during-{len(victim.sids)}.bin")
        honest = server.sender("romeo", victim.jid, "--proxy", "none", "--methods", "ibb", "--limit", "100k", original, resource=f"during{len(victim.sids)}")
        honest.wait_event("open", 30)
        for what in (flood.from_one, flood.unsolicited, flood.queries, flood.notes):
            what()
        check(honest.wait_exit(60) == 0, f"an honest sender: exit status {honest.popen.returncode}\n{honest.tail()}")
        victim.bot.wait_event("done", 30, sid=honest.find("offer")[0]["sid"])
        for what in (flood.from_many, flood.tombstones, flood.unanswered_notes):
            what()

    # Some thousand sessions. Without AddressSanitizer it is some hundred KiB, and nothing after the sixth time.
    victim.watch.flat(play, 12288)
    victim.as_new(flood.one, flood.resources[0])
    parts = [path.name for path in victim.bot.folder.iterdir() if ".part-" in path.name]
    check(len(parts) <= 64, f"PFT-16: {len(parts)} parts are kept")
    victim.stop()


run_scenario(scenario, settings=NO_LIMITS)
