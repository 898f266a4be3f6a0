# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLS-2: the cable is cut in the middle of a direct and of an in-band transfer and mended again: every byte arrives"""
# TIMEOUT 240

from harness import run_scenario
from world import MIB, OPEN, SLOW, Cable, arrived, moving, standing_still

# The cut that is never mended takes two minutes to be found: ../network_gone.py, tests/run soak.


def scenario(server, cable):
    receiver = cable.receiver(server, "juliet", "--resume", *SLOW)
    for name in ("direct", "in-band"):
        print(name, flush=True)
        original = server.make_file(4 * MIB, name)
        sender = server.sender("romeo", receiver.jid(), "--resume", *OPEN[name], *cable.listening(), original, resource=name, listen=False)
        moving(receiver, sender.wait_event("offer", 30)["sid"])
        cable.cut()
        standing_still(receiver)
        cable.mend()
        arrived(sender, receiver, original)


with Cable() as wire:
    run_scenario(lambda server: scenario(server, wire), settings=Cable.server_settings())
