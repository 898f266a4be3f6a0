# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open streams: how fast, at what cost, and in how much memory."""

import os

import harness
from bots import IN_TURNS, WAITING, Stage
from network import DelayedNetwork
from turns import Pair

MIB = 1 << 20
WINDOW = 10
BLOCK = 4096
IN_BAND = ("--methods", "ibb")


def held(result):
    """Milliseconds for which a loop was held at most, at either end."""
    return 1000 * max(result.sender["held"], result.receiver["held"])


def socks5(bench):
    """Group streams: SOCKS5, direct, against raw sockets in the same moments."""
    size = bench.pick(2048, 512, 4) * MIB
    with harness.Prosody() as server:
        stage = Stage(bench.programs, server)
        path = server.make_file(size // 4)
        runs = []
        for _ in range(bench.pick(9, 5, 1)):
            runs.append(stage.in_turns(stage.raw_pair(size), stage.pair(2 * size, both=IN_TURNS), stage.stock_pair("direct", size, both=IN_TURNS),
                                       stage.pair(count=4, sender=("--file", path), both=IN_TURNS), seconds=0.1))
        raw, ours, stock, file = zip(*runs)
        add = bench.figures.add
        add("S5B direct, goodput / raw TCP", [o.rate / r.rate for o, r in zip(ours, raw)], at_least=0.90)
        add("  gloox alone", [s.rate / r.rate for s, r in zip(stock, raw)])
        add("  sendFile()", [f.rate / r.rate for f, r in zip(file, raw)])
        add("S5B direct, CPU of both ends / raw TCP", [o.cpu_per_byte / r.cpu_per_byte for o, r in zip(ours, raw)], at_most=1.2)
        add("  gloox alone", [s.cpu_per_byte / r.cpu_per_byte for s, r in zip(stock, raw)])
        add("  sendFile()", [f.cpu_per_byte / r.cpu_per_byte for f, r in zip(file, raw)])
        add("  sender / raw sender", [o.sender["cpu"] / r.sender["cpu_send"] / 2 for o, r in zip(ours, raw)])
        add("  receiver / raw receiver", [o.receiver["cpu"] / r.sender["cpu_receive"] / 2 for o, r in zip(ours, raw)])
        alone = [stage.ours(size) for _ in range(bench.runs)]
        add("S5B direct, longest time that a loop was held", [held(o) for o in alone], at_most=5, unit="ms")
        cold = []
        for _ in range(bench.runs):
            leave_on_disk(path)
            cold.append(stage.ours(sender=("--file", path)))
        add("  sendFile() of a file that is on the disk alone", [1000 * c.sender["held"] for c in cold], at_most=5, unit="ms")
        add("S5B direct, most memory of a bot", [max(o.sender["peak_kib"], o.receiver["peak_kib"]) / 1024 for o in alone], at_most=24, unit="MiB")


def leave_on_disk(path):
    """Has the kernel forget what it has of it in memory."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def proxied(bench):
    """Group proxy: SOCKS5 through the server's own proxy, against raw sockets through it."""
    add = bench.figures.add
    with harness.Prosody() as server:
        stage = Stage(bench.programs, server)
        size = bench.pick(256, 64, 1) * MIB
        runs = []
        for _ in range(bench.runs):
            runs.append(stage.in_turns(stage.raw_proxy_pair(size), stage.pair(size, sender=("--via", "proxy"), both=IN_TURNS), seconds=0.5))
        add("S5B through the server's proxy, goodput / raw sockets through it", [o.rate / r.rate for r, o in runs], at_least=0.95)
        alone = [stage.ours(size, sender=("--via", "proxy")) for _ in range(bench.runs)]
        add("  longest time that a loop was held", [held(o) for o in alone], at_most=5, unit="ms")


def in_band(bench):
    """Group in-band: against gloox alone, and over a distance against stop-and-wait."""
    add = bench.figures.add
    size = bench.pick(20 * MIB, MIB, MIB // 4)
    with harness.Prosody() as server, harness.Prosody() as flooded:   # which goes on with what it was flooded with
        stage, other = Stage(bench.programs, server), Stage(bench.programs, flooded)
        runs = []
        for _ in range(bench.pick(9, 7, 1)):
            turns = [Pair(*stage.pair(size, both=(*IN_BAND, *IN_TURNS)), server=server.process),
                     Pair(*other.stock_pair("flood", size, both=IN_TURNS), server=flooded.process)]
            runs.append(stage.finish_turns(turns, bench.pick(0.5, 0.1, 0.1)))
        add(f"IBB {size / MIB:g} MiB, goodput / gloox alone, which floods", [o.rate / s.rate for o, s in runs], at_least=1.0)
        add("  CPU of both ends / gloox alone", [o.cpu / s.cpu for o, s in runs])
        alone = [(stage.ours(size, both=IN_BAND), other.stock("flood", size)) for _ in range(bench.runs)]
        add("  longest time that a loop was held", [held(o) for o, _ in alone], at_most=5, unit="ms")
        add("  gloox alone", [held(s) for _, s in alone], unit="ms")
        watched = stage.all([stage.pair(bench.pick(MIB, MIB, MIB // 4), sender=("--watch-blocks", "yes"), both=IN_BAND) for _ in range(bench.runs)])
        add("IBB, blocks on their way at once", [w.sender["blocks"] for w in watched], at_most=WINDOW)
    for milliseconds in (100, 200):
        distant(bench, milliseconds)


def distant(bench, milliseconds):
    """A long way between the bots."""
    with DelayedNetwork(milliseconds / 1000) as network, harness.Prosody() as server:
        stage = Stage(bench.programs, server, network.port(server.c2s_port))
        size = bench.pick(2 * MIB, 200 * MIB // milliseconds, 40 * BLOCK)
        stock = stage.stock("acked", bench.pick(24, 24, 4) * BLOCK, both=WAITING)
        ours = stage.all([stage.pair(size, both=IN_BAND) for _ in range(bench.runs)])
        bench.figures.add(f"IBB, {milliseconds} ms round trip ({network.by}), goodput / stop-and-wait", [o.rate / stock.rate for o in ours],
                          at_least=0.9 * WINDOW)


def memory(bench):
    """Group memory: 1 GiB for a reader that takes 1 KiB per second."""
    with harness.Prosody() as server:
        stage = Stage(bench.programs, server)
        seconds = bench.pick(30, 6, 2)
        pairs = {}
        for name, both in (("S5B", ()), ("IBB", IN_BAND)):
            pairs[name] = [stage.start("multiple-bot", ("--bytes", 1024 * MIB), ("--rate", 1024), (*both, "--seconds", seconds)) for _ in range(bench.runs)]
        for name, started in pairs.items():
            results = stage.all(started)
            for end in ("sender", "receiver"):
                bench.figures.add(f"{name}, 1 GiB to a reader of 1 KiB/s, memory of the {end}", [getattr(r, end)["peak_kib"] / 1024 for r in results],
                                  at_most=24, unit="MiB")
