# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-065, TC-066, GEN-5, SEC-3: answers forged by others, with the right id, change nothing, and the file arrives"""

import base64
import hashlib

from harness import check, run_scenario, sha256
from peer import IBB, UNKNOWN, Peer, list_answer, need_slixmpp, payload, plain_answer


def scenario(server):
    original = server.make_file(50000)
    juliet = Peer(server, "juliet")
    liars = [Peer(server, "mallory"), Peer(server, "juliet", "elsewhere")]
    sender = server.sender("romeo", juliet.jid, "--block-size", 4096, "--window", 4, original)

    def forge(request, bodies):
        """Both a result and an error, by each of them, and all dealt with when this returns."""
        for liar in liars:
            for body in bodies:
                liar.result(request, body)
            liar.error(request, "item-not-found")
            liar.settle(request.get("from"))

    offer = juliet.wait(child="si")
    forge(offer, ["", plain_answer(IBB), list_answer(IBB)])
    check(not sender.find("accepted") and not sender.find("error"), f"a forged answer counted: {sender.events}")

    juliet.result(offer, list_answer(IBB))
    opening = juliet.wait(child="open")
    forge(opening, [""])
    check(not sender.find("open") and not sender.find("failed"), f"a forged answer counted: {sender.events}")

    juliet.result(opening)
    received = hashlib.sha256()
    blocks = [juliet.wait(child="data") for _ in range(4)]
    for block in blocks:
        forge(block, [""])
    for liar in liars:
        close = liar.request(offer.get("from"), f"<close xmlns='{IBB}' sid='{payload(offer).get('id')}'/>")
        check(liar.answer(close) in UNKNOWN, "a foreign close was not refused as unknown")
    # IBB-10: the window is still full, so nothing was taken for an acknowledgement.
    juliet.settle(offer.get("from"))
    check(not any(payload(xml) is not None and payload(xml).tag.endswith("data") for xml in juliet.stanzas),
          "a forged acknowledgement let another block out")

    size = 0
    while True:
        block = blocks.pop(0) if blocks else juliet.wait(child="data")
        data = base64.b64decode(payload(block).text)
        received.update(data)
        size += len(data)
        juliet.result(block)
        if size >= 50000:
            break
    juliet.result(juliet.wait(child="close"))
    check(received.hexdigest() == sha256(original), "the file that arrived is another one")
    check(sender.wait_exit(30) == 0, f"exit status {sender.popen.returncode}\n{sender.tail()}")
    check(len(sender.find("done")) == 1 and not sender.find("error"), f"{sender.events}")


need_slixmpp()
run_scenario(scenario)
