# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies between the bots: a long line, one that loses packets, and a server that lets little through."""

import statistics

import harness
from badline import LongLine
from bots import WAITING, Stage
from streams import BLOCK, IN_BAND, MIB, WINDOW

LIMIT = 10000        # bytes a second: what Prosody's configuration comes with
BLOCK_TEXT = 5700    # bytes: a block of 4 KiB as a stanza


def line(bench):
    """Group line: the receiver at the far end of a line of its own, which loses packets or not."""
    long, lossy = "a line of 100 ms", "40 ms and every 100th packet lost"
    add = bench.figures.add
    try:
        with LongLine(0.05) as wire, server_at(wire) as server:
            stage = Stage(bench.programs, server, line=wire)
            size = bench.pick(64, 16, 1) * MIB
            runs = [(stage.ours(size, sender=("--listen", wire.NEAR)), stage.all([stage.raw_line_pair(size)])[0]) for _ in range(bench.runs)]
            add(f"S5B direct, {long}, goodput / raw TCP", [o.rate / r.rate for o, r in runs], at_least=0.90)
        with LongLine(0.02, lost_of=100) as wire, server_at(wire) as server:
            stage = Stage(bench.programs, server, line=wire)
            size = bench.pick(16 * MIB, 2 * MIB, MIB // 16)
            count = bench.pick(9, 9, 1)
            pairs = [(stage.pair(size, sender=("--listen", wire.NEAR)), stage.raw_line_pair(size)) for _ in range(count)]
            runs = [stage.all(pair) for pair in pairs]
            raw = statistics.mean(r.rate for _, r in runs)   # of each one the losses decide, which fall now here and now there
            add(f"S5B direct, {lossy}, goodput / raw TCP", [o.rate / raw for o, _ in runs], at_least=0.90)
            blocks = bench.pick((512, 48), (128, 16), (10, 2))
            ours = stage.all([stage.pair(blocks[0] * BLOCK, both=IN_BAND) for _ in range(count)])
            stock = stage.all([stage.stock_pair("acked", blocks[1] * BLOCK, both=WAITING) for _ in range(count)])
            add(f"IBB, {lossy}, goodput / stop-and-wait", [o.rate / s.rate for o, s in zip(ours, stock)])
    except harness.Skipped as skipped:
        bench.figures.skip(f"S5B and IBB over {long}, and with {lossy}", skipped.reason)


def server_at(wire):
    """A server that both ends of the line reach."""
    return harness.Prosody(settings=wire.server_settings())


def limits(bench):
    """Group limits: in-band through a server that takes so many bytes of each client in a second."""
    size = bench.pick(32, 16, 4) * BLOCK
    with harness.Prosody(modules=("limits",), settings=f'limits = {{ c2s = {{ rate = "{LIMIT // 1000}kb/s" }} }}') as server:
        stage = Stage(bench.programs, server)
        pairs = [(stage.pair(size, sender=("--ping", "yes"), both=IN_BAND), stage.stock_pair("acked", size, both=WAITING)) for _ in range(bench.runs)]
        runs = [stage.all(pair) for pair in pairs]
    add = bench.figures.add
    add(f"IBB through a server that takes {LIMIT // 1000} kB/s, goodput / stop-and-wait", [o.rate / s.rate for o, s in runs], at_least=0.90)
    add("  longest ping of the sender's own / time that one window takes", [o.sender["longest_ping"] / (WINDOW * BLOCK_TEXT / LIMIT) for o, _ in runs], at_most=1.0)
