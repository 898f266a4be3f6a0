# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-238, PFT-3: what the receiver of a file sends is ignored, and the transfer completes"""

import base64
import hashlib

from harness import check, run_scenario, sha256
from peer import IBB, Peer, list_answer, need_slixmpp, payload

SIZE = 50000


def scenario(server):
    original = server.make_file(SIZE)
    juliet = Peer(server, "juliet")
    sender = server.sender("romeo", juliet.jid, original)
    juliet.result(juliet.wait(child="si"), list_answer(IBB))
    opening = juliet.wait(child="open")
    juliet.result(opening)
    sid, to = payload(opening).get("sid"), opening.get("from")
    received = hashlib.sha256()
    size = 0
    seq = 0
    while size < SIZE:
        block = juliet.wait(child="data")
        data = base64.b64decode(payload(block).text)
        received.update(data)
        size += len(data)
        noise = f"<data xmlns='{IBB}' sid='{sid}' seq='{seq}'>{base64.b64encode(b'back' * 500).decode()}</data>"
        answer = juliet.answer(juliet.request(to, noise, identity=f"noise-{seq}"))
        check(answer == "result", f"answered with {answer}")
        seq += 1
        juliet.result(block)
    juliet.result(juliet.wait(child="close"))
    check(received.hexdigest() == sha256(original), "the file that arrived is another one")
    check(sender.wait_exit(30) == 0, f"exit status {sender.popen.returncode}\n{sender.tail()}")
    check(len(sender.find("done")) == 1 and not sender.find("error"), f"{sender.events}")


need_slixmpp()
run_scenario(scenario)
