# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every tenth packet lost, every fourth out of order, some twice: direct and in-band transfers arrive whole"""
# TIMEOUT 300

from badline import BadLine
from harness import check, run_scenario
from world import MIB, OPEN, arrived


def scenario(server, line):
    receiver = line.receiver(server, "juliet")
    jid = receiver.jid()
    line.spoil()
    for name, size in (("direct", 4 * MIB), ("in-band", MIB // 2)):
        print(name, flush=True)
        original = server.make_file(size, name)
        arrived(server.sender("romeo", jid, *OPEN[name], *line.listening(), original, resource=name, listen=False), receiver, original, 240)
        print("  ", line.seen, flush=True)
    check(all(count > 20 for count in line.seen.values()), f"the line was not as bad as it should have been: {line.seen}")


with BadLine(lost=10, doubled=2, late=25) as wire:
    run_scenario(lambda server: scenario(server, wire), settings=BadLine.server_settings())
