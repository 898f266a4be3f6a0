# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every tenth packet lost, every fourth out of order, some twice: direct and in-band transfers arrive whole"""
# TIMEOUT 300

from harness import run_scenario
from world import MIB, OPEN, Cable, arrived


def scenario(server, cable):
    receiver = cable.receiver(server, "juliet")
    jid = receiver.jid()
    cable.disturb("delay", "5ms", "2ms", "loss", "10%", "reorder", "25%", "duplicate", "2%")
    for name, size in (("direct", 4 * MIB), ("in-band", MIB // 2)):
        print(name, flush=True)
        original = server.make_file(size, name)
        arrived(server.sender("romeo", jid, *OPEN[name], *cable.listening(), original, resource=name, listen=False), receiver, original, 240)


with Cable() as wire:
    run_scenario(lambda server: scenario(server, wire), settings=Cable.server_settings())
