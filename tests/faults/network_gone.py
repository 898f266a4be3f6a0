# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""S5B-19, PFT-17: a cable that is cut for good is found by both sides within minutes, on a direct stream and in-band"""

from harness import check, run_scenario
from world import MIB, OPEN, SLOW, Cable, lives, moving, one_error


def scenario(server, cable):
    receiver = cable.receiver(server, "juliet", "--no-resume", *SLOW)
    senders = {}
    for name in ("direct", "in-band"):
        senders[name] = server.sender("romeo", receiver.jid(), *OPEN[name], *cable.listening(), server.make_file(64 * MIB, name),
                                      resource=name, listen=False)
    sids = {name: sender.wait_event("offer", 30)["sid"] for name, sender in senders.items()}
    for sid in sids.values():
        moving(receiver, sid)
    cable.cut()
    for name, sender in senders.items():
        status = sender.wait_exit(300)
        receiver.wait_event("error", 300, sid=sids[name])
        said = one_error(sender), one_error(receiver, sids[name])
        print(name, status, said, flush=True)
        check(status == 5, f"exit status {status}\n{sender.tail()}")
        check(all(word["why"] in ("interrupted", "too-few-bytes") for word in said), f"{said}")
    cable.mend()
    lives(server, server.receiver("juliet", resource="other"), "other")


with Cable() as wire:
    run_scenario(lambda server: scenario(server, wire), settings=Cable.server_settings())
