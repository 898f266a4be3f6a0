# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-13: a peer of which too many files are waiting is refused one more, and that is no trouble with our disk"""

import signal

from harness import check, run_scenario
from peer import FNEG, IBB, SI, Peer, need_slixmpp

FT = "http://jabber.org/protocol/si/profile/file-transfer"
WAITING = 32


def scenario(server):
    romeo = Peer(server, "romeo")
    receiver = server.receiver("juliet", "--resume", "--once", 2 * WAITING)
    to = receiver.jid()

    def ask(body):
        return romeo.answer(romeo.request(to, body, identity=f"step-{len(answers)}"))

    answers = []
    for number in range(WAITING + 1):
        sid = f"s{number}"
        answers.append(ask(
            f"<si xmlns='{SI}' id='{sid}' profile='{FT}'><file xmlns='{FT}' name='{sid}.txt' size='9' hash='{number:032x}'><range/></file>"
            f"<feature xmlns='{FNEG}'><x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>"
            f"<option><value>{IBB}</value></option></field></x></feature></si>"))
        if answers[-1] == "result":
            # A stream of too few bytes: the receiver waits for the rest.
            answers.append(ask(f"<open xmlns='{IBB}' sid='{sid}' block-size='4096'/>"))
            answers.append(ask(f"<close xmlns='{IBB}' sid='{sid}'/>"))
    check(answers == 3 * WAITING * ["result"] + ["forbidden"], f"{answers}")
    error = receiver.wait_event("error")
    check((error["sid"], error["cause"]) == (f"s{WAITING}", "declined") and "too many" in error["text"], f"{error}")

    status = receiver.stop(signal.SIGINT)
    check(status == 5, f"exit status {status}, wanted: 5, of the files that were under way\n{receiver.tail()}")
    summary = receiver.wait_event("summary")
    check((summary["files"], summary["failed"]) == (0, WAITING), f"{summary}")


need_slixmpp()
run_scenario(scenario)
