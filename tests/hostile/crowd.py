# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everybody at a component's domain, over one connection: Prosody looks at nothing that a component says but its `from`.

    crowd = Crowd(server)
    romeo = crowd.member("romeo", "orchard")
    romeo.request(bot.jid(), "<si xmlns='http://jabber.org/protocol/si'/>")

It is ended with the server.
"""

import hashlib
import re
import socket
import threading
import time
import xml.etree.ElementTree as ElementTree

from harness import COMPONENT, SECRET, Failure, check
from peer import Conversation, condition, local

FILES = "urn:x-gloox-si-multiple:files:0"

# For Prosody( settings=... ): no limit of the server's stands between a peer and the bot.
NO_LIMITS = "c2s_stanza_size_limit = 64*1024*1024\ncomponent_stanza_size_limit = 64*1024*1024\n"


def is_note(xml):
    """PFT-13, PFT-14: what the bot says about a file when it is done with it."""
    return xml.get("type") == "set" and any(item.tag.startswith("{" + FILES + "}") for item in xml)


class Member(Conversation):
    """One JID of the component. takes_notes: notes are kept like other stanzas; otherwise they are refused, as by one who does not know them."""

    def __init__(self, crowd, jid, takes_notes=False):
        super().__init__(jid)
        self.jid = jid
        self.takes_notes = takes_notes
        self._crowd = crowd
        self._counted = 0

    def send(self, stanza):
        """The stanza's first tag gets our `from`."""
        name, rest = re.match(r"<(\w+)(.*)$", stanza, re.S).groups()
        self._crowd.post(f"<{name} from='{self.jid}'{rest}")

    def ask(self, to, body, kind="set"):
        """Sends a request with an id of its own; returns that."""
        self._counted += 1
        return self.request(to, body, kind, f"ask-{self._counted}")

    def answers(self, identities, timeout=60):
        """What the answers to all these say, in that order; each has to come once."""
        wanted = set(identities)
        found = {}
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                rest = []
                for xml in self.stanzas:
                    if xml.get("id") in wanted and xml.get("type") in ("result", "error"):
                        check(xml.get("id") not in found, f"{self.name}: {xml.get('id')} is answered twice")
                        found[xml.get("id")] = condition(xml)
                    else:
                        rest.append(xml)
                self.stanzas[:] = rest
                if len(found) == len(wanted):
                    return [found[identity] for identity in identities]
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Failure(f"{self.name}: {len(wanted) - len(found)} of {len(wanted)} requests were not answered within {timeout} s")
                self._news.wait(left)

    def nothing_more(self, to):
        """Fails if that address has anything else to say, such as a second answer."""
        self.settle(to)
        with self._news:
            rest = [ElementTree.tostring(xml, "unicode")[:300] for xml in self.stanzas]
        check(not rest, f"{self.name}: nobody waited for {rest}")

    def take(self, xml):
        if is_note(xml) and not self.takes_notes:
            self.error(xml, "service-unavailable")
            return
        with self._news:
            self.stanzas.append(xml)
            self._news.notify_all()


class Crowd:
    """The component's connection."""

    def __init__(self, server):
        self.members = {}
        self._lock = threading.Lock()
        self._socket = socket.create_connection(("127.0.0.1", server.component_port))
        self._socket.sendall(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' "
                             f"to='{COMPONENT}'>".encode())
        greeting = b""
        while not re.search(rb"<stream:stream[^>]*>", greeting):
            greeting += self._read()
        stream = re.search(rb" id=['\"]([^'\"]*)", greeting).group(1).decode()
        self._socket.sendall(f"<handshake>{hashlib.sha1((stream + SECRET).encode()).hexdigest()}</handshake>".encode())
        self._parser = ElementTree.XMLPullParser(("start", "end"))
        self._depth = 0
        self._root = None
        self._welcome = threading.Event()
        self._parser.feed(greeting)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        server.bots.append(self)
        check(self._welcome.wait(30), "the server does not let the component in")

    def member(self, name, resource="peer", takes_notes=False):
        """Whoever has this JID; without a name, the component itself."""
        jid = (f"{name}@" if name else "") + COMPONENT + (f"/{resource}" if resource else "")
        with self._lock:
            return self.members.setdefault(jid, Member(self, jid, takes_notes))

    def post(self, text):
        with self._lock:
            self._socket.sendall(text.encode())

    def stop(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(10)
        self._socket.close()

    def _read(self):
        data = self._socket.recv(1 << 16)
        if not data:
            raise Failure("the server ended the component's stream")
        return data

    def _run(self):
        try:
            while True:
                self._take_events()
                self._parser.feed(self._read())
        except (Failure, OSError):
            pass  # whoever waits for a stanza will say so

    def _take_events(self):
        for event, element in self._parser.read_events():
            if event == "start":
                self._root = self._root if self._depth else element
                self._depth += 1
                continue
            self._depth -= 1
            if self._depth != 1:
                continue
            self._root.clear()
            if local(element) == "handshake":
                self._welcome.set()
            elif local(element) == "iq":
                with self._lock:
                    member = self.members.get(element.get("to"))
                if member:
                    member.take(element)
