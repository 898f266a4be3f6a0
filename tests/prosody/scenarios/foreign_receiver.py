# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SI-6, IBB-12: a receiver of another library, without the extension, gets the file by its own in-band code"""

import hashlib
import threading

from harness import check, run_scenario, sha256
from peer import IBB, Peer, local, need_slixmpp, payload, plain_answer


class Inbox:
    """What slixmpp's XEP-0047 hands out."""

    def __init__(self, client):
        self.done = threading.Event()
        self.digest = hashlib.sha256()
        self.blocks = 0
        client.add_event_handler("ibb_stream_end", self._end)

    def _end(self, stream):
        while not stream.recv_queue.empty():
            self.digest.update(stream.recv_queue.get_nowait())
            self.blocks += 1
        self.done.set()


def is_offer(xml):
    return payload(xml) is not None and local(payload(xml)) == "si"


def scenario(server):
    original = server.make_file(300001)
    juliet = Peer(server, "juliet", plugins={"xep_0047": {"auto_accept": True}}, takes=is_offer)
    inbox = Inbox(juliet.client)
    sender = server.sender("romeo", juliet.jid, original)
    juliet.result(juliet.wait(child="si"), plain_answer(IBB))
    sender.wait_event("done", 60)
    check(sender.wait_exit(30) == 0, f"exit status {sender.popen.returncode}\n{sender.tail()}")
    check(inbox.done.wait(10), "slixmpp has not seen the end of the stream")
    check(inbox.digest.hexdigest() == sha256(original), f"the file that arrived, in {inbox.blocks} blocks, is another one")
    check(sender.find("accepted", dialect="plain", methods=["ibb"]), f"{sender.find('accepted')}")
    check(sender.find("open", method="ibb"), f"{sender.find('open')}")


need_slixmpp()
run_scenario(scenario)
