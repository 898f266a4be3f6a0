# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer that says exactly what a scenario wants: slixmpp logs in, and stanzas go in and out as they are.

    juliet = Peer(server, "juliet")
    offer = juliet.wait(child="si", kind="set")
    juliet.result(offer, "<si xmlns='http://jabber.org/protocol/si'/>")

It runs in a thread of its own and is ended with the server.
"""

import asyncio
import threading
import time
import xml.etree.ElementTree as ElementTree

from harness import DOMAIN, SECRET, Failure, skip

try:
    import slixmpp
except ImportError:
    slixmpp = None

SI = "http://jabber.org/protocol/si"
FNEG = "http://jabber.org/protocol/feature-neg"
S5B = "http://jabber.org/protocol/bytestreams"
IBB = "http://jabber.org/protocol/ibb"
SIM = "http://telepathy.freedesktop.org/xmpp/si-multiple"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"

# GEN-8: what gloox answers when nobody knows the sid.
UNKNOWN = ("feature-not-implemented", "service-unavailable")


def need_slixmpp():
    """To be called before a server is started for nothing."""
    if slixmpp is None:
        skip("slixmpp is not installed (Debian: apt install python3-slixmpp)")


def plain_answer(method, kind="submit"):
    """W-3: the one method of a receiver without the extension."""
    return (f"<si xmlns='{SI}'><feature xmlns='{FNEG}'><x xmlns='jabber:x:data' type='{kind}'>"
            f"<field var='stream-method'><value>{method}</value></field></x></feature></si>")


def list_answer(*methods):
    """W-2: the list of a receiver with the extension."""
    values = "".join(f"<value>{method}</value>" for method in methods)
    return f"<si xmlns='{SI}'><si-multiple xmlns='{SIM}'>{values}</si-multiple></si>"


def local(element):
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def payload(iq):
    """The first child of a stanza, or None."""
    return next(iter(iq), None)


def condition(xml):
    """What an answer says: "result", or the name of the error's condition."""
    if xml.get("type") == "result":
        return "result"
    return next((local(item) for error in xml if local(error) == "error" for item in error), "error")


class Conversation:
    """What a peer says, and the IQs that have arrived for it. How they come and go is the business of those that derive from it."""

    def __init__(self, name):
        self.name = name
        self.stanzas = []
        self._news = threading.Condition()

    def send(self, stanza):
        """Sends this text as it is."""
        raise NotImplementedError

    def request(self, to, body, kind="set", identity="request"):
        """Sends an IQ; the answer is to be waited for with answer_to."""
        self.send(f"<iq type='{kind}' id='{identity}' to='{to}'>{body}</iq>")
        return identity

    def result(self, request, body=""):
        self.send(f"<iq type='result' id='{request.get('id')}' to='{request.get('from')}'>{body}</iq>")

    def error(self, request, condition="not-acceptable", kind="cancel"):
        what = f"<{condition} xmlns='{STANZAS}'/>" if condition else ""
        self.send(f"<iq type='error' id='{request.get('id')}' to='{request.get('from')}'>"
                  f"<error type='{kind}'>{what}</error></iq>")

    def wait(self, child=None, kind="set", answer_to=None, origin=None, timeout=30):
        """The next IQ of this type, with this child, this id, from this JID; it is taken out of what has arrived."""
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                for xml in self.stanzas:
                    if self._matches(xml, child, kind, answer_to, origin):
                        self.stanzas.remove(xml)
                        return xml
                left = deadline - time.monotonic()
                if left <= 0:
                    seen = "\n".join("    < " + ElementTree.tostring(xml, "unicode")[:300] for xml in self.stanzas)
                    raise Failure(f"{self.name}: no {kind} {child or answer_to} within {timeout} s\n{seen}")
                self._news.wait(left)

    def answer(self, identity, timeout=30):
        """The answer to a request: "result", or the name of the error's condition."""
        return condition(self.wait(kind=None, answer_to=identity, timeout=timeout))

    def settle(self, to):
        """Returns when everything that was sent to that address before has been dealt with there."""
        identity = f"settle-{time.monotonic_ns()}"
        self.answer(self.request(to, "<ping xmlns='urn:xmpp:ping'/>", "get", identity))

    @staticmethod
    def _matches(xml, child, kind, answer_to, origin):
        if (kind and xml.get("type") != kind) or (origin and xml.get("from") != origin):
            return False
        if answer_to is not None and (xml.get("id") != answer_to or xml.get("type") not in ("result", "error")):
            return False
        return child is None or any(local(item) == child for item in xml)


class Peer(Conversation):
    """slixmpp as a wire. takes( stanza ) says which stanzas are the scenario's; the rest is slixmpp's."""

    def __init__(self, server, name, resource="peer", plugins=None, takes=lambda xml: True):
        super().__init__(f"{name} (slixmpp)")
        self.jid = None
        self.client = None
        self._account = f"{name}@{DOMAIN}"
        self._takes = takes
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(server, resource, plugins or {}), daemon=True)
        self._thread.start()
        server.bots.append(self)
        with self._news:
            if not self._news.wait_for(lambda: self.jid, 30):
                raise Failure(f"{self.name} does not get online")

    def send(self, stanza):
        self._loop.call_soon_threadsafe(self.client.send_raw, stanza)

    def stop(self):
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
            self._thread.join(10)

    def _run(self, server, resource, plugins):
        asyncio.set_event_loop(self._loop)
        self.client = slixmpp.ClientXMPP(f"{self._account}/{resource}", SECRET)
        for plugin, options in plugins.items():
            self.client.register_plugin(plugin, options)
        self.client.ca_certs = server.ca_file
        self.client.add_event_handler("session_start", self._online)
        self.client.add_filter("in", self._overhear)
        try:
            self.client.connect(("127.0.0.1", server.c2s_port))
        except TypeError:  # since slixmpp 1.9
            self.client.connect("127.0.0.1", server.c2s_port)
        self._loop.run_forever()

    def _online(self, _):
        self.client.send_presence()
        with self._news:
            self.jid = str(self.client.boundjid.full)
            self._news.notify_all()

    def _overhear(self, stanza):
        xml = stanza.xml
        origin = xml.get("from") or ""
        foreign = "@" in origin and origin not in (self._account, str(self.client.boundjid.full))
        if local(xml) != "iq" or not foreign or not self._takes(xml):
            return stanza
        with self._news:
            self.stanzas.append(xml)
            self._news.notify_all()
        return None

    def _stop(self):
        self.client.abort()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        asyncio.gather(*tasks, return_exceptions=True).add_done_callback(lambda _: self._loop.stop())
