# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver that is led through many sessions, one after another, and has to be as new afterwards.

    victim = Victim(server, crowd)
    session = victim.offer(romeo)
    session.says(opening(session.sid, 0), "bad-request")
    session.finishes()
    victim.as_new(romeo)
    victim.stop()
"""

import select
import socket

from bodies import close, data, file, form, offer, opening
from harness import check, sha256
from watch import Watch

CONTENT = b"0123456789"
PATIENCE = 120  # for an answer to megabytes, on a machine that has other things to do

# SEC-13, SEC-14: defaults of the library.
SESSIONS_PER_PEER = 32
SESSIONS = 256
TOMBSTONES = 1024


class Silent:
    """A host that takes connections and never says a word."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self._held = []

    def connections(self):
        """How many have come in since it was last asked."""
        found = 0
        while select.select([self._listener], [], [], 0)[0]:
            self._held.append(self._listener.accept()[0])
            found += 1
        return found

    def hang_up(self):
        self.connections()
        for held in self._held:
            held.close()
        self._held.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()
        self._listener.close()


class Session:
    """One offer of a member's to the receiver."""

    def __init__(self, victim, member, sid):
        self.victim = victim
        self.member = member
        self.sid = sid

    def says(self, body, *wanted, kind="set"):
        """A request whose answer is one of these: conditions, or "result"."""
        said = self.member.answer(self.member.ask(self.victim.jid, body, kind), PATIENCE)
        check(said in wanted, f"{said}, wanted: {' or '.join(wanted)}, to {body[:300]}")

    def mutters(self, stanza):
        """A stanza that nobody may answer. The word TO stands for the bot's JID."""
        self.member.send(stanza.replace("TO", self.victim.jid))

    def ends(self, cause):
        """The receiver has reported this end: "done", or a cause."""
        if cause == "done":
            self.victim.bot.wait_event("done", 30, sid=self.sid)
        else:
            said = self.victim.bot.wait_event("error", 30, sid=self.sid)
            check(said["cause"] == cause, f"the receiver says {said['cause']}: {said['text']}, wanted: {cause}")
        self.member.nothing_more(self.victim.jid)

    def finishes(self, seq=None, left=CONTENT):
        """What is left of the file arrives in-band, whatever happened before. seq None: nothing is open yet."""
        if seq is None:
            self.says(opening(self.sid), "result")
        self.says(data(self.sid, seq or 0, left), "result")
        self.says(close(self.sid), "result")
        self.ends("done")


class Victim:
    """si-multiple-receive, open to everybody."""

    def __init__(self, server, crowd, *options):
        self.server = server
        self.crowd = crowd
        self.bot = server.receiver("juliet", "--accept", "all", "--proxy", "none", *options)
        self.jid = self.bot.jid()
        self.watch = Watch(self.bot)
        self.sids = []
        self._honest = 0
        self.serves_honest_people()  # the first transfers load and allocate what stays
        self.before = self.watch.descriptors()

    def new_sid(self):
        """Of an offer that is going to be accepted."""
        self.sids.append(f"sid-{len(self.sids)}")
        return self.sids[-1]

    def offer(self, member, *children, sid=None):
        """An offer that is accepted."""
        session = Session(self, member, sid or self.new_sid())
        session.says(offer(session.sid, *children), "result")
        return session

    def room(self, member):
        """How many sessions this JID can have at once, which is all that can be seen of the table from outside. They are cancelled again."""
        sids = [f"room-{len(self.sids)}-{number}" for number in range(SESSIONS_PER_PEER + 1)]
        said = member.answers([member.ask(self.jid, offer(sid)) for sid in sids])
        taken = [sid for sid, answer in zip(sids, said) if answer == "result"]
        self.sids += taken
        said = member.answers([member.ask(self.jid, close(sid)) for sid in taken])
        check(set(said) == {"result"}, f"cancelling is answered with {set(said)}")
        return len(taken)

    def serves_honest_people(self):
        """One by the bytes of this file, and one with the program for it."""
        self._honest += 1
        member = self.crowd.member(f"honest{self._honest}")
        name = f"honest-{self._honest}.bin"
        session = self.offer(member, file(name=name), form())
        session.finishes()
        check((self.bot.folder / name).read_bytes() == CONTENT, f"{name} is another file")

        original = self.server.make_file(100000, f"original-{self._honest}.bin")
        sender = self.server.sender("romeo", self.jid, "--proxy", "none", original, resource=f"honest{self._honest}")
        said = sender.wait_event("done", 60)
        sid = said["sid"]
        check(said["confirmed"] == 1, f"the receiver did not say that it has the file: {said}")
        check(sender.wait_exit(30) == 0, f"an honest sender: exit status {sender.popen.returncode}\n{sender.tail()}")
        check(sender.find("open", method="s5b"), f"an honest sender: {sender.events}")
        done = self.bot.wait_event("done", 30, sid=sid)
        check(sha256(original) == sha256(self.bot.folder / done["path"]), "an honest sender's file is another one")
        self.sids.append(sid)

    def as_new(self, *members):
        """Sessions, reported ends and descriptors are what they were, and honest files arrive."""
        for member in members:
            room = self.room(member)
            check(room == SESSIONS_PER_PEER, f"{member.jid} can have {room} sessions")
            member.nothing_more(self.jid)
        self.serves_honest_people()
        self.watch.ended_once(self.sids)
        self.watch.back_to(self.before)

    def stop(self):
        self.watch.stop()
