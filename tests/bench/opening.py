# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the offer to the open stream: as quick as gloox in a spinning loop, and what a host that is dead costs."""

import os

import harness
from bots import IN_TURNS, Stage
from network import DelayedNetwork, MuteHost, SilentHost, refusing_address

DEADLINE = 1000   # T-R-HOST in milliseconds, so that a run does not take eight seconds
NOWHERE = ("--via", "nothing")


def put_first(server):
    """Gives the server a processor whenever it wants one, as on a machine of its own. @return whether we may."""
    try:
        for thread in os.listdir(f"/proc/{server.process.popen.pid}/task"):
            os.sched_setscheduler(int(thread), os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    return True


def opening(bench):
    """Group opening: each method against gloox alone."""
    with harness.Prosody() as server:
        stage = Stage(bench.programs, server)
        against_spinning(bench, stage, "S5B through the proxy", ("--via", "proxy"), (), "proxy")
        against_spinning(bench, stage, "IBB", (), ("--methods", "ibb"), "acked")
        # Direct is quickest, and what two spinning processes leave the server of two processors decides: 0.6 in one minute, 0.9 in another.
        name = "S5B direct, the server put first"
        if put_first(server):
            against_spinning(bench, stage, name, ("--via", "direct"), (), "direct")
        else:
            bench.figures.skip(f"offer to open, {name}", "that takes root")


def against_spinning(bench, stage, name, sender, both, stock):
    """The same number of openings of ours and of gloox alone, in turns."""
    count = bench.pick(100, 20, 2)   # gloox alone gets slower with every one that it has had
    runs = []
    for _ in range(bench.pick(25, 5, 1)):
        runs.append(stage.in_turns(stage.pair(count=count, sender=sender, both=(*both, *IN_TURNS)), stage.stock_pair(stock, count=count, both=IN_TURNS),
                                   seconds=0.05))
    bench.figures.add(f"offer to open, {name} / gloox alone, spinning", [o.sender["to_open"] / t.sender["to_open"] for o, t in runs], at_most=1.0)
    bench.figures.add("  time", [1000 * o.sender["to_open"] for o, _ in runs], unit="ms")
    bench.figures.add("  time of gloox alone", [1000 * t.sender["to_open"] for _, t in runs], unit="ms")


def open_times(stage, runs, sender=(), receiver=(), both=(), program="multiple-bot"):
    """Several pairs at once: they wait, and do not compute."""
    return [stage.finish(*pair) for pair in [stage.start(program, sender, receiver, both) for _ in range(runs)]]


def dead_hosts(bench):
    """Group dead-hosts: only silent ones, only refusing ones, and a silent one before a proxy that lives."""
    add = bench.figures.add
    silent, mute = SilentHost(), MuteHost()
    with harness.Prosody() as server:
        stage = Stage(bench.programs, server)
        receiver = ("--host-deadline", DEADLINE)
        in_band = [o.sender["to_open"] for o in open_times(stage, bench.runs, NOWHERE, receiver, ("--methods", "ibb"))]
        for name, host in (("silent", silent), ("mute", mute)):
            results = open_times(stage, bench.runs, (*NOWHERE, "--known", host.address), receiver)
            extra = [1000 * (r.sender["to_open"] - i) - DEADLINE for r, i in zip(results, in_band)]
            add(f"the only host is {name}: extra time to open in-band - host deadline", extra, at_most=50, unit="ms")
        waiting = [max(r.sender["cpu_opening"], r.receiver["cpu_opening"]) / r.sender["to_open"] for r in results]
        add("  CPU of a bot meanwhile / time", waiting, at_most=0.03)
        hosts = ",".join((silent.address, mute.address, refusing_address(), silent.address, mute.address))
        results = [stage.ours(sender=(*NOWHERE, "--known", hosts), receiver=receiver) for _ in range(bench.runs)]
        add("all hosts are dead: longest time that a loop was held", [1000 * max(r.sender["held_opening"], r.receiver["held_opening"]) for r in results],
            at_most=5, unit="ms")

    round_trip = 0.1
    with DelayedNetwork(round_trip) as network, harness.Prosody() as server:
        stage = Stage(bench.programs, server, network.port(server.c2s_port))
        in_band = [o.sender["to_open"] for o in open_times(stage, bench.runs, NOWHERE, (), ("--methods", "ibb"))]
        results = open_times(stage, bench.runs, (*NOWHERE, "--known", refusing_address()))
        add(f"the only host refuses: extra time to open in-band / round trip ({network.by})", [(r.sender["to_open"] - i) / round_trip for r, i in zip(results, in_band)],
            at_most=2)
        add("  from the refusal to the open stream / round trip", [r.sender["failed_to_open"] / round_trip for r in results], at_most=2)

    round_trip = 0.04
    with DelayedNetwork(round_trip) as network, harness.Prosody() as server:
        silent = SilentHost()   # in this network
        stage = Stage(bench.programs, server, network.port(server.c2s_port))
        results = open_times(stage, bench.runs, ("--via", "proxy", "--known", silent.address))
        harness.check(all(r.sender["method"].endswith(f":{server.proxy_port}") for r in results), "not through the proxy")
        add(f"a silent host before a proxy that lives: time to open, {round_trip * 1000:g} ms round trip", [r.sender["to_open"] for r in results], at_most=0.5, unit="s")
