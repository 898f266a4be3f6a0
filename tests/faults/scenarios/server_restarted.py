# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLS-7: the server is killed and comes back: with --resume each file arrives, whatever its transfer was doing, by the same two programs"""
# TIMEOUT 300

from harness import check, run_scenario
from world import MIB, OPEN, SLOW, MuteHost, arrived, moving, stopped


def while_open(server, receiver, name):
    original = server.make_file(6 * MIB, name)
    sender = server.sender("romeo", receiver.jid(), "--resume", *OPEN[name], *SLOW, original, resource=name)
    sid = sender.wait_event("offer", 30)["sid"]
    moving(receiver, sid)
    server.restart()
    sha256 = arrived(sender, receiver, original)["sha256"]
    # A direct stream is beside the server and goes on without it. The receiver's word may be lost: that is another stream for the sender alone (PFT-18).
    done = receiver.find("done", sha256=sha256)
    check(len(done) == 1 and (done[0]["streams"] == 1) == (name == "direct"), f"{name}: {done}")


def while_offered(server, receiver):
    original = server.make_file(MIB, "offered")
    with stopped(receiver):
        sender = server.sender("romeo", receiver.jid(), "--resume", original, resource="offered")
        sender.wait_event("offer", 30)
        server.restart()
    return sender, original


def while_connecting(server, receiver):
    original = server.make_file(MIB, "connecting")
    with MuteHost() as host:
        sender = server.sender("romeo", receiver.jid(), "--resume", "--no-direct", "--proxy", "none", "--streamhost", host.streamhost,
                               original, resource="connecting", listen=False)
        sid = sender.wait_event("offer", 30)["sid"]
        receiver.wait_event("attempt", 30, sid=sid)
        server.restart()
    return sender, original


def scenario(server):
    receiver = server.receiver("juliet", "--resume", *SLOW)
    logins = 1
    for name in OPEN:
        print(f"open, {name}", flush=True)
        while_open(server, receiver, name)
        logins += 1
        receiver.wait_event("connected", 60, count=logins)  # a direct stream may end before
    for case in (while_offered, while_connecting):
        print(case.__name__, flush=True)
        # No stream has been open yet, so there is nothing that --resume would go on with.
        sender, _ = case(server, receiver)
        logins += 1
        receiver.wait_event("connected", 60, count=logins)
        status = sender.wait_exit(60)
        errors = [(event["why"], event["cause"]) for event in sender.find("error")]
        check((status, errors) == (2, [("not-opened", "disconnected")]), f"exit status {status}, {errors}\n{sender.tail()}")
    original = server.make_file(MIB, "last")
    arrived(server.sender("romeo", receiver.jid(), "--resume", original, resource="last"), receiver, original)


run_scenario(scenario)
