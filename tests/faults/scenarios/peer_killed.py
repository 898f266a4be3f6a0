# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLS-8: kill -9 of one program in each state that lasts: the other hears of it once, and a receiver takes the next file"""
# TIMEOUT 300

import signal

from harness import check, run_scenario
from world import MIB, OPEN, SLOW, MuteHost, kill, lives, moving, one_error

QUICK = ("--timeout", "R-HOST=1", "--timeout", "R-NEXT=2", "--timeout", "R-S5B=2", "--timeout", "R-GRACE=1", "--quiet")


def sender_says(sender, statuses=(3, 4, 5, 7)):
    status = sender.wait_exit(90)
    check(status in statuses, f"exit status {status}, wanted: one of {statuses}\n{sender.tail()}")
    return one_error(sender)


def receiver_killed(server, name, options):
    receiver = server.receiver("juliet", *SLOW, resource=f"r-{name}")
    sender = server.sender("romeo", receiver.jid(), *options, *SLOW, server.make_file(8 * MIB, f"r-{name}"), resource=f"r-{name}")
    moving(receiver, sender.wait_event("offer", 30)["sid"])
    kill(receiver)
    print("  ", sender_says(sender), flush=True)


def receiver_killed_undecided(server):
    receiver = server.receiver("juliet", resource="undecided")
    jid = receiver.jid()
    receiver.popen.send_signal(signal.SIGSTOP)
    sender = server.sender("romeo", jid, server.make_file(MIB, "undecided"), resource="undecided")
    sender.wait_event("offer", 30)
    kill(receiver)
    print("  ", sender_says(sender), flush=True)


def receiver_killed_connecting(server, host):
    receiver = server.receiver("juliet", resource="connecting")
    sender = server.sender("romeo", receiver.jid(), "--no-direct", "--proxy", "none", "--streamhost", host.streamhost, "--timeout", "S-S5B=3",
                           "--timeout", "S-IBB=3", server.make_file(MIB, "connecting"), resource="connecting", listen=False)
    receiver.wait_event("attempt", 30, sid=sender.wait_event("offer", 30)["sid"])
    kill(receiver)
    print("  ", sender_says(sender), flush=True)


def sender_killed(server, receiver, name, options):
    sender = server.sender("romeo", receiver.jid(), *options, *SLOW, server.make_file(8 * MIB, f"s-{name}"), resource=f"s-{name}")
    sid = sender.wait_event("offer", 30)["sid"]
    moving(receiver, sid)
    kill(sender)
    receiver.wait_event("error", 60, sid=sid)
    print("  ", one_error(receiver, sid), flush=True)


def sender_killed_connecting(server, receiver, host):
    sender = server.sender("romeo", receiver.jid(), "--no-direct", "--proxy", "none", "--streamhost", host.streamhost,
                           server.make_file(MIB, "s-connecting"), resource="s-connecting", listen=False)
    sid = sender.wait_event("offer", 30)["sid"]
    receiver.wait_event("attempt", 30, sid=sid)
    kill(sender)
    receiver.wait_event("error", 60, sid=sid)
    print("  ", one_error(receiver, sid), flush=True)


def scenario(server):
    with MuteHost() as host:
        for name, options in OPEN.items():
            print(f"receiver killed, {name}", flush=True)
            receiver_killed(server, name, options)
        print("receiver killed, offered and connecting", flush=True)
        receiver_killed_undecided(server)
        receiver_killed_connecting(server, host)

        receiver = server.receiver("juliet", *SLOW, *QUICK, "--no-resume")
        for name, options in OPEN.items():
            print(f"sender killed, {name}", flush=True)
            sender_killed(server, receiver, name, options)
        print("sender killed, connecting", flush=True)
        sender_killed_connecting(server, receiver, host)
        lives(server, receiver, "last")


run_scenario(scenario)
