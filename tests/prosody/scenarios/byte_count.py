# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-199, PFT-10: a file that ends a byte early is a failure, and of one that is a byte too long the announced part is kept"""

import base64

from harness import check, expect_error, run_scenario
from peer import FNEG, IBB, SI, Peer, need_slixmpp

FT = "http://jabber.org/protocol/si/profile/file-transfer"
TEXT = b"Wherefore art thou"
SIZE = 15


def deliver(romeo, receiver, sid, data):
    """Offers a file of SIZE bytes, and sends these; every step is to be answered with a result, up to the data."""
    to = receiver.jid()
    offer = (f"<si xmlns='{SI}' id='{sid}' profile='{FT}'><file xmlns='{FT}' name='{sid}.txt' size='{SIZE}'/>"
             f"<feature xmlns='{FNEG}'><x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>"
             f"<option><value>{IBB}</value></option></field></x></feature></si>")
    steps = (("offer", offer), ("open", f"<open xmlns='{IBB}' sid='{sid}' block-size='4096'/>"),
             ("data", f"<data xmlns='{IBB}' sid='{sid}' seq='0'>{base64.b64encode(data).decode()}</data>"))
    for name, body in steps:
        answer = romeo.answer(romeo.request(to, body, identity=f"{sid}-{name}"))
        check(answer == "result", f"{sid}: the {name} was answered with {answer}")
    romeo.request(to, f"<close xmlns='{IBB}' sid='{sid}'/>", identity=f"{sid}-close")


def scenario(server):
    romeo = Peer(server, "romeo")
    short = server.receiver("juliet", "--once", 1, resource="short")
    deliver(romeo, short, "short", TEXT[:SIZE - 1])
    expect_error(short, "closed-remote", 5)
    check(not list(short.folder.iterdir()), f"left behind: {list(short.folder.iterdir())}")

    long = server.receiver("juliet", "--once", 1, resource="long")
    deliver(romeo, long, "long", TEXT[:SIZE + 1])
    done = long.wait_event("done")
    check(done["bytes"] == SIZE and not long.find("error"), f"{long.events}")
    check(long.wait_exit(30) == 0, f"exit status {long.popen.returncode}\n{long.tail()}")
    check((long.folder / done["path"]).read_bytes() == TEXT[:SIZE], "the file that arrived is another one")


need_slixmpp()
run_scenario(scenario)
