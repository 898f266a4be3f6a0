# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-16: 300 MiB whose SOCKS5 connection is cut at ten random points arrive whole, and next to nothing is sent twice"""
# TIMEOUT 400

import random

from harness import check, free_ports, run_scenario, sha256
from relay import Relay

MIB = 1 << 20
SIZE = 300 * MIB
CUTS = 10
APART = 2 * MIB
# What a cut may cost: what the kernels and the relay have taken and not handed on.
BUFFER = 8 * MIB


def scenario(server):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    numbers = random.Random(seed)
    # At least so far apart that each stream gets on, or S5B would be left out, as resume_last_method.py has it (PFT-16).
    points = sorted(numbers.randrange(SIZE - CUTS * APART) for _ in range(CUTS))
    points = [point + index * APART for index, point in enumerate(points, 1)]
    # From one cut to the next; the first answer on each connection is that of the handshake.
    lengths = [end - begin for begin, end in zip([0, *points], points)]

    listen = free_ports(1)[0]
    original = server.make_file(SIZE)
    with Relay(listen, lengths) as relay:
        receiver = server.receiver("juliet", "--once", 1, "--resume", "--deny-host", "127.0.0.2/32")
        sender = server.sender("romeo", receiver.jid(), "--resume", "--listen", f"127.0.0.2:{listen}", "--proxy", "none",
                               "--streamhost", f"romeo@localhost/sender,127.0.0.1,{relay.port}", original, listen=False)
        done = sender.wait_event("done", 300)
        received = receiver.wait_event("done", 30)
        check((sender.wait_exit(30), receiver.wait_exit(30)) == (0, 0), f"{sender.tail()}\n{receiver.tail()}")
        digests = {sha256(original), sha256(receiver.folder / received["path"]), done["sha256"], received["sha256"]}
        check(len(digests) == 1, "another file arrived")
        check(relay.broken == CUTS, f"{relay.broken} connections were cut")
        check(len(receiver.find("interrupted")) >= CUTS and not receiver.find("error"), f"{receiver.events}")
        twice = relay.taken - SIZE
        print(f"{relay.broken} cuts, {twice} bytes sent twice, {done['streams']} streams", flush=True)
        check(twice <= CUTS * BUFFER, f"{twice} bytes were sent twice")
        check(len(list(receiver.folder.iterdir())) == 1, "something was left behind")


run_scenario(scenario)
