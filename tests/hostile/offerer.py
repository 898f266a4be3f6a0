# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender that offers the same file again and again to one member of the crowd, whatever came of it before.

    offerer = Offerer(server, juliet, 12)
    offered = offerer.next()
    juliet.error(offered.offer, "forbidden")
    offered.ends("declined")
    offerer.as_new()
"""

import base64
import xml.etree.ElementTree as ElementTree

from harness import check
from peer import IBB, S5B, list_answer, local, payload
from watch import Watch

BLOCK = 500
WINDOW = 4
BLOCKS = 6  # more than the window
SIZE = BLOCK * BLOCKS


class Offered:
    """One offer of the sender's."""

    def __init__(self, offerer, offer):
        self.offerer = offerer
        self.member = offerer.member
        self.offer = offer
        self.sid = payload(offer).get("id")

    def says(self, body, *wanted, kind="set"):
        """A request to the sender whose answer is one of these: conditions, or "result"."""
        said = self.member.answer(self.member.ask(self.offerer.jid, body, kind))
        check(said in wanted, f"{said}, wanted: {' or '.join(wanted)}, to {body[:300]}")

    def wait(self, child):
        xml = self.member.wait(child=child, origin=self.offerer.jid)
        check(payload(xml).get("sid") == self.sid, f"{child} of {payload(xml).get('sid')}, wanted: {self.sid}")
        return xml

    def ends(self, cause):
        """The sender has reported this end."""
        if cause == "done":
            self.offerer.bot.wait_event("done", 30, sid=self.sid)
        else:
            said = self.offerer.bot.wait_event("error", 30, sid=self.sid)
            check(said["cause"] == cause, f"the sender says {said['cause']}: {said['text']}, wanted: {cause}")

    # An honest receiver, step by step: whatever is skipped is done.

    def accepted(self, *methods):
        self.member.result(self.offer, list_answer(*(methods or (IBB,))))
        return self

    def queried(self):
        return self.accepted(S5B, IBB).wait("query")

    def opened(self, opening=None):
        """In-band, up to the first blocks."""
        self.member.result(opening if opening is not None else self.accepted().wait("open"))
        return self.first_blocks()

    def first_blocks(self):
        """As many as come without an acknowledgement (IBB-10)."""
        return [self.wait("data") for _ in range(WINDOW)]

    def drained(self, blocks):
        """Takes the rest; returns the closing."""
        content = b""
        while len(content) < SIZE:
            block = blocks.pop(0) if blocks else self.wait("data")
            content += base64.b64decode(payload(block).text)
            self.member.result(block)
        check(content == self.offerer.content, "the file that arrived is another one")
        return self.wait("close")

    def finishes(self, opening=None, blocks=None):
        """From the offer, the opening, or the first blocks on."""
        self.member.result(self.drained(blocks if blocks is not None else self.opened(opening)))
        self.ends("done")


class Offerer:
    """si-multiple-send; offers: how many times next() is going to be called."""

    def __init__(self, server, member, offers, *options):
        self.member = member
        path = server.make_file(SIZE, f"offered-{len(server.bots)}.bin")
        self.content = path.read_bytes()
        self.bot = server.sender("romeo", member.jid, *(() if "--proxy" in options else ("--proxy", "none")), "--block-size", BLOCK, "--window", WINDOW, *options,
                                 *[path] * (offers + 2))
        self.jid = self.bot.jid()
        self.watch = Watch(self.bot)
        self.sids = []
        self._before = None
        self.next().finishes()  # the first transfer of all loads and allocates what stays

    def next(self):
        """The sender's next offer, which follows the end of the one before."""
        offered = Offered(self, self.member.wait(child="si", origin=self.jid))
        self.sids.append(offered.sid)
        if len(self.sids) == 2:
            self._before = self.watch.descriptors()
        return offered

    def quiet(self):
        """Fails if the sender has said anything else than what was waited for, but for its next offer."""
        self.member.settle(self.jid)
        rest = [xml for xml in self.member.stanzas if xml.get("type") != "set" or local(payload(xml)) != "si"]
        check(not rest, f"nobody waited for {[ElementTree.tostring(xml, 'unicode')[:300] for xml in rest]}")

    def as_new(self):
        """With its last offer out it holds what it held with the second; that file arrives, and each end has been reported once."""
        last = self.next()
        self.watch.back_to(self._before)
        last.finishes()
        status = self.bot.wait_exit(30)
        check(0 <= status <= 8, f"{self.bot.name}: exit status {status}\n{self.bot.tail(60)}")
        self.watch.ended_once(self.sids)
        check(not self.member.stanzas, f"nobody waited for {[xml.attrib for xml in self.member.stanzas]}")
