# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-132, GEN-3, SEC-1: a third account that knows the sid opens, fills and closes nothing, and the file arrives"""

import base64
import contextlib
import select
import signal
import socket

from harness import Transfer, check, run_scenario
from peer import IBB, S5B, UNKNOWN, Peer, need_slixmpp

EVIL = base64.b64encode(b"EVIL" * 10).decode()


def inject(liar, to, sid, port):
    """Every stanza of a session; each is to be answered as if there were none (GEN-8)."""
    host = f"<streamhost jid='{liar.jid}' host='127.0.0.1' port='{port}'/>"
    bodies = (
        f"<query xmlns='{S5B}' sid='{sid}'>{host}</query>",
        f"<open xmlns='{IBB}' sid='{sid}' block-size='4096'/>",
        *(f"<data xmlns='{IBB}' sid='{sid}' seq='{seq}'>{EVIL}</data>" for seq in range(300)),
        f"<close xmlns='{IBB}' sid='{sid}'/>",
    )
    for number, body in enumerate(bodies):
        answer = liar.answer(liar.request(to, body, identity=f"evil-{number}"))
        check(answer in UNKNOWN, f"{liar.jid}: {answer}, wanted: one of {UNKNOWN}, to {body[:100]}")
    for seq in (0, 1):
        liar.send(f"<message to='{to}'><data xmlns='{IBB}' sid='{sid}' seq='{seq}'>{EVIL}</data></message>")
    liar.settle(to)


@contextlib.contextmanager
def stopped(bot):
    """A transfer stands still while one end does, so that it cannot be over before others have tried."""
    bot.popen.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        bot.popen.send_signal(signal.SIGCONT)


def scenario(server):
    liars = [Peer(server, "mallory"), Peer(server, "romeo", "elsewhere")]
    transfer = Transfer(server, 4 << 20, receiver=["--methods", "ibb"])
    transfer.receiver.wait_event("progress", 60)
    sid = transfer.sender.wait_event("offer")["sid"]
    ends = ((transfer.receiver, transfer.sender), (transfer.sender, transfer.receiver))
    with socket.create_server(("127.0.0.1", 0)) as trap:
        for victim, other in ends:
            with stopped(other):
                for liar in liars:
                    inject(liar, victim.jid(), sid, trap.getsockname()[1])
                check(not victim.find("done"), "the transfer was over before anybody tried")
        check(not select.select([trap], [], [], 0)[0], "a third account's streamhost was dialled")
    transfer.wait()
    check(transfer.equal, "the file that arrived is another one")
    for bot in (transfer.sender, transfer.receiver):
        check(not bot.find("error") and len(bot.find("open")) == 1, f"{bot.events}")


need_slixmpp()
run_scenario(scenario)
