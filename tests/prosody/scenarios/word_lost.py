# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-14: a connection that is lost before the receiver's word came is named as the cause; nobody has cancelled anything"""

import signal

from harness import check, run_scenario
from peer import IBB, Peer, list_answer, local, need_slixmpp, payload


def scenario(server):
    juliet = Peer(server, "juliet")
    sender = server.sender("romeo", juliet.jid, "--methods", "ibb", server.make_file(1000))
    wanted = {"close", "sent"}
    while wanted:
        request = juliet.wait()
        what = local(payload(request))
        juliet.result(request, list_answer(IBB) if what == "si" else "")
        wanted -= {local(element) for element in request.iter()}
    juliet.settle(sender.jid())
    server.process.stop(signal.SIGKILL)
    check(sender.wait_exit(60) == 5, f"exit status {sender.popen.returncode}, wanted: 5\n{sender.tail()}")
    errors = sender.find("error")
    check([(error["cause"], error["why"], error["by"]) for error in errors] == [("disconnected", "interrupted", "us")], f"{errors}")
    check("the server closed the connection" in errors[0]["text"], f"no reason given: {errors}")


need_slixmpp()
run_scenario(scenario)
