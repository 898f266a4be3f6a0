# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLS-1: a program that is stopped and goes on, before the offer is decided and on each kind of stream, loses nothing"""
# TIMEOUT 240

from harness import run_scenario
from world import MIB, OPEN, SLOW, arrived, moving, standing_still, stopped


def scenario(server):
    receiver = server.receiver("juliet", *SLOW)
    for name, options in OPEN.items():
        for who in ("receiver", "sender"):
            print(f"{name}, the {who} is stopped", flush=True)
            original = server.make_file(4 * MIB, f"{name}-{who}")
            sender = server.sender("romeo", receiver.jid(), *options, original, resource=f"{name}-{who}")
            moving(receiver, sender.wait_event("offer", 30)["sid"])
            with stopped(receiver if who == "receiver" else sender):
                standing_still(sender if who == "receiver" else receiver)
            arrived(sender, receiver, original)

    print("the receiver is stopped before the offer", flush=True)
    original = server.make_file(MIB, "offered")
    with stopped(receiver):
        sender = server.sender("romeo", receiver.jid(), original, resource="offered")
        sender.wait_event("offer", 30)
    arrived(sender, receiver, original)


run_scenario(scenario)
