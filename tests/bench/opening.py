# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the offer to the open stream: as quick as gloox in a spinning loop, and what a host that is dead costs."""

import contextlib
import os
import subprocess
import sys

import harness
from bots import IN_TURNS, Stage
from network import DelayedNetwork, MuteHost, SilentHost, refusing_address
from streams import IN_BAND

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


@contextlib.contextmanager
def awake():
    """Keeps each processor from falling asleep, with work that gives way to all other. How long it takes to wake one is the virtual machine's
    business, and differs from minute to minute; who spins never finds out."""
    with contextlib.ExitStack() as idlers:
        for processor in os.sched_getaffinity(0):
            idlers.callback(end, subprocess.Popen([sys.executable, "-c", IDLER, str(processor)], start_new_session=True))
        yield


def end(process):
    process.kill()
    process.wait()


IDLER = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
if os.path.exists("/proc/self/autogroup"):   # in which alone that counts
    with open("/proc/self/autogroup", "w") as group:
        group.write("19")
while os.getppid() != 1:
    pass
"""


def opening(bench):
    """Group opening: each method against gloox alone. On two processors two bots that spin also take them from the server, sometimes more and
    sometimes less, and then seem as slow as they make it; so it comes first, as if it had a machine of its own."""
    with harness.Prosody() as server, awake():
        if not put_first(server):
            return bench.figures.skip("offer to open", "that takes root")
        stage = Stage(bench.programs, server)
        against_spinning(bench, stage, "S5B direct", ("--via", "direct"), (), "direct")
        against_spinning(bench, stage, "S5B through the proxy", ("--via", "proxy"), (), "proxy")
        against_spinning(bench, stage, "IBB", (), IN_BAND, "acked")


def against_spinning(bench, stage, name, sender, both, stock):
    """The same number of openings of ours and of gloox alone, in turns."""
    count = bench.pick(100, 100, 2)   # gloox alone gets slower with every one that it has had
    runs = []
    for _ in range(bench.pick(25, 9, 1)):
        runs.append(stage.in_turns(stage.pair(count=count, sender=sender, both=(*both, *IN_TURNS)), stage.stock_pair(stock, count=count, both=IN_TURNS),
                                   stage.pair(count=count, sender=sender, both=(*both, *IN_TURNS, "--spin", "yes")), seconds=0.05))
    ours, alone, spinning = ([result.sender["to_open"] for result in results] for results in zip(*runs))
    add = bench.figures.add
    add(f"offer to open, {name} / gloox alone, spinning", [o / a for o, a in zip(ours, alone)], at_most=1.0)
    add("  when ours spins, too", [s / a for s, a in zip(spinning, alone)])
    add("  time", [1000 * o for o in ours], unit="ms")
    add("  time of gloox alone", [1000 * a for a in alone], unit="ms")


def open_times(stage, runs, sender=(), receiver=(), both=()):
    """Several pairs at once."""
    return stage.all([stage.start("multiple-bot", sender, receiver, both) for _ in range(runs)])


def dead_hosts(bench):
    """Group dead-hosts: only silent ones, only refusing ones, and a silent one before a proxy that lives."""
    add = bench.figures.add
    silent, mute = SilentHost(), MuteHost()
    with harness.Prosody() as server:
        stage = Stage(bench.programs, server)
        receiver = ("--host-deadline", DEADLINE)
        in_band = [o.sender["to_open"] for o in open_times(stage, bench.runs, NOWHERE, receiver, IN_BAND)]
        for name, host in (("silent", silent), ("mute", mute)):
            results = open_times(stage, bench.runs, (*NOWHERE, "--known", host.address), receiver)
            extra = [1000 * (r.sender["to_open"] - i) - DEADLINE for r, i in zip(results, in_band)]
            add(f"the only host is {name}: extra time to open in-band - host deadline", extra, at_most=50, unit="ms")
        waiting = [1000 * max(r.sender["cpu_opening"], r.receiver["cpu_opening"]) / r.sender["to_open"] for r in results]
        add("  CPU of a bot meanwhile, per second", waiting, at_most=30, unit="ms")
        hosts = ",".join((silent.address, mute.address, refusing_address(), silent.address, mute.address))
        results = open_times(stage, bench.runs, (*NOWHERE, "--known", hosts), receiver)
        add("all hosts are dead: longest time that a loop was held", [1000 * max(r.sender["held_opening"], r.receiver["held_opening"]) for r in results],
            at_most=5, unit="ms")

    round_trip = 0.1
    with DelayedNetwork(round_trip) as network, harness.Prosody() as server:
        stage = Stage(bench.programs, server, network.port(server.c2s_port))
        in_band = [o.sender["to_open"] for o in open_times(stage, bench.runs, NOWHERE, (), IN_BAND)]
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
