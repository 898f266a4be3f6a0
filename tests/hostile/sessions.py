# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of a bot with a member of a crowd, one stanza at a time: as their initiator (Offered) and as their target (Joined, Taken).

    session = Offered(romeo, receiver, data)            # the offer, and the receiver's list
    check(session.query(streamhost(romeo.jid, "127.0.0.1", port)) == REFUSED, ...)
    session.in_band()                                   # and the file arrives all the same

    tube = Joined(server, romeo)                        # si-multiple-tube, which lives as long as the scenario
    session = tube.connect()                            # a TCP connection, for which it offers a stream
    session.accept()
    query = session.query()
"""

import base64
import os
import secrets
import xml.etree.ElementTree as ElementTree

from harness import check
from peer import FNEG, IBB, S5B, SI, SIM, STANZAS, list_answer, local, payload
from socks5peer import PATIENCE, Client, digest_of, reply_for

FILES = "http://jabber.org/protocol/si/profile/file-transfer"
TUBES = "http://telepathy.freedesktop.org/xmpp/tubes"
BLOCK = 4096

# W-12: S5B-13, SEC-8: this condition, and not a word more.
REFUSED = "cancel, item-not-found"


def streamhost(jid, host, port):
    return f"<streamhost jid='{jid}' host='{host}' port='{port}'/>"


class Offered:
    """A file that a member offers to si-multiple-receive, which takes it."""

    def __init__(self, member, bot, data=None, methods=(S5B, IBB)):
        self.member = member
        self.bot = bot
        self.to = bot.jid()
        self.sid = "sm" + secrets.token_hex(16)
        self.data = os.urandom(3000) if data is None else data
        self.digest = digest_of(self.sid, member.jid, self.to)
        options = "".join(f"<option><value>{method}</value></option>" for method in methods)
        body = (f"<si xmlns='{SI}' id='{self.sid}' profile='{FILES}'><file xmlns='{FILES}' name='{self.sid}' size='{len(self.data)}'/>"
                f"<feature xmlns='{FNEG}'><x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>{options}"
                f"</field></x></feature><si-multiple xmlns='{SIM}'/></si>")
        member.wait(kind="result", answer_to=member.ask(self.to, body))

    def query(self, *hosts):
        """Sends W-9; returns REFUSED, or the JID of the host that the bot has connected to, or whatever else it answers."""
        answer = self.member.wait(kind=None, answer_to=self.start_query(*hosts))
        if answer.get("type") == "result":
            return next(iter(payload(answer))).get("jid")
        said = [(error.get("type"), [(item.tag, item.text, len(item)) for item in error]) for error in answer if local(error) == "error"]
        return REFUSED if said == [("cancel", [(f"{{{STANZAS}}}item-not-found", None, 0)])] else ElementTree.tostring(answer, "unicode")

    def start_query(self, *hosts):
        """Sends W-9; returns its id."""
        return self.member.ask(self.to, f"<query xmlns='{S5B}' sid='{self.sid}' mode='tcp'>{''.join(hosts)}</query>")

    def in_band(self):
        """W-17 and all of the file; it has to arrive."""
        def ask(body):
            answer = self.member.answer(self.member.ask(self.to, body))
            check(answer == "result", f"{answer} to {body[:100]}")

        ask(f"<open xmlns='{IBB}' sid='{self.sid}' block-size='{BLOCK}'/>")
        for seq, at in enumerate(range(0, len(self.data), BLOCK)):
            block = base64.b64encode(self.data[at:at + BLOCK]).decode()
            ask(f"<data xmlns='{IBB}' sid='{self.sid}' seq='{seq}'>{block}</data>")
        ask(f"<close xmlns='{IBB}' sid='{self.sid}'/>")
        self.arrived("ibb")

    def arrived(self, method):
        """The file is there, and came this way."""
        path = self.bot.folder / self.bot.wait_event("done", sid=self.sid)["path"]
        opened = self.bot.find("open", sid=self.sid)
        check([event["method"] for event in opened] == [method], f"opened {opened}, wanted: {method}")
        check(path.read_bytes() == self.data, "another file has arrived")
        path.unlink()


class Joined:
    """si-multiple-tube join, to which a member has announced a tube: each TCP connection to it is a session that it offers."""

    def __init__(self, server, member, *arguments, **options):
        self.member = member
        self.bot = server.tube("juliet", "--accept", "all", *arguments, "join", "127.0.0.1:0", **options)
        self.jid = self.bot.jid()
        member.send(f"<message to='{self.jid}'><tube xmlns='{TUBES}' type='stream' service='hostile' id='7'/></message>")
        self.port = self.bot.wait_event("listening")["port"]

    def connect(self):
        return Taken(self)


class Taken:
    """A session that the bot has offered to the member. tcp: the connection that it is for."""

    def __init__(self, tube):
        self.bot = tube.bot
        self.member = tube.member
        self.tcp = Client(tube.port)
        self.offer = self.member.wait(child="si")
        self.origin = self.offer.get("from")
        self.sid = payload(self.offer).get("id")
        self.digest = digest_of(self.sid, self.origin, self.member.jid)

    def accept(self, *methods):
        self.member.result(self.offer, list_answer(*(methods or (S5B, IBB))))
        return self

    def query(self):
        """W-9. hosts is what it offers then: pairs of JID and port."""
        self.asked = self.member.wait(child="query")
        self.hosts = [(host.get("jid"), int(host.get("port"))) for host in payload(self.asked)]
        return self

    @property
    def listener(self):
        """The port of the bot's own listener."""
        return dict(self.hosts)[self.origin]

    def used(self, jid=None):
        """W-10 or W-11; without a JID: the bot's own."""
        self.member.result(self.asked, f"<query xmlns='{S5B}' sid='{self.sid}'><streamhost-used jid='{jid or self.origin}'/></query>")

    def direct(self, source=None):
        """Connects to the bot's listener, and says so; returns the open stream's other end."""
        client = Client(self.listener, source=source)
        reply = client.shake(self.digest)
        check(reply == reply_for(self.digest), f"the good handshake was answered with {reply.hex()}")
        self.used()
        return client

    def carries(self, stream, size=100000):
        """Bytes go both ways over that stream, which is closed then. Both ends are done."""
        there, back = os.urandom(size), os.urandom(size)
        self.tcp.send(there)
        check(stream.read(size) == there, "something else came out at the peer")
        stream.send(back)
        check(self.tcp.read(size) == back, "something else came back")
        stream.close()
        self.over("done")

    def falls_back(self, size=3000):
        """The bot opens in-band, and bytes go both ways there."""
        there, back = os.urandom(size), os.urandom(size)
        opening = self.member.wait(child="open")
        check(payload(opening).get("sid") == self.sid, "another session's opening")
        self.member.result(opening)
        self.tcp.send(there)
        came = b""
        while len(came) < size:
            block = self.member.wait(child="data")
            came += base64.b64decode(payload(block).text)
            self.member.result(block)
        check(came == there, "something else came out at the peer")
        data = base64.b64encode(back).decode()
        for body in (f"<data xmlns='{IBB}' sid='{self.sid}' seq='0'>{data}</data>", f"<close xmlns='{IBB}' sid='{self.sid}'/>"):
            answer = self.member.answer(self.member.ask(self.origin, body))
            check(answer == "result", f"{answer} to {body[:100]}")
        check(self.tcp.read(size) == back, "something else came back")
        self.over("done")

    def give_up(self):
        """Ends a session that has not opened anything: the query, and what follows it, are refused."""
        self.member.error(self.asked, "item-not-found")
        self.member.error(self.member.wait(child="open"), "not-acceptable")
        self.over("error")

    def over(self, event):
        """The bot has told how the session ended, once, and closed the TCP connection."""
        ended = self.bot.wait_event(event, sid=self.sid)
        self.tcp.socket.settimeout(PATIENCE)
        check(self.tcp.read_all() == b"", "bytes after the end")
        self.tcp.close()
        return ended
