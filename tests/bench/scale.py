# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of sessions in one process, and what a single stanza costs."""

import math
import re
import tempfile

from bots import Alone
from turns import Pair, take_turns

KINDS = [(method, kind) for method in ("s5b", "ibb") for kind in ("client", "component")]
CHEAP = 100   # Below so many sessions, what happens once costs more than they do.


def exponent(costs):
    """The e of cost ~ N^e: the slope of a straight line through the logarithms."""
    points = [(math.log(n), math.log(cost)) for n, cost in costs.items() if n >= CHEAP]
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def at_once(bench, method, kind):
    """So many sessions kept open."""
    numbers = bench.pick((1, 10, 100, 1000, 5000), (100, 500), (2, 100, 200))
    grows, used = [], {n: [] for n in numbers}
    runs = [{n: bench.programs.once("sessions", "at-once", method, kind, n) for n in numbers} for _ in range(bench.runs)]
    for run in runs:
        if any(result["ok"] != "yes" for result in run.values()):
            bench.figures.skip(f"{numbers[-1]} sessions at once, {method}, {kind}", next(r["problem"] for r in run.values() if r["ok"] != "yes"))
            return
        grows.append(exponent({n: result["cpu"] for n, result in run.items()}))
        for n, result in run.items():
            used[n].append(result)
    most = used[numbers[-1]]
    add = bench.figures.add
    add(f"{CHEAP} to {numbers[-1]} sessions at once, {method}, {kind}: growth exponent of CPU", grows, at_most=1.1)
    add("  CPU per session, both ends", [result["cpu_us_per_session"] for result in most], unit="us")
    add("  growth exponent of memory", [exponent({n: used[n][i]["resident_kib_per_session"] * n for n in numbers}) for i in range(bench.runs)], at_most=1.1)
    add("  memory of an idle session", [result["resident_kib_per_end"] for result in most], at_most=32, unit="KiB")
    add("  the same after data went over it", [result["resident_used_kib_per_end"] for result in most], at_most=32, unit="KiB")
    add("  descriptors", [result["descriptors"] for result in most])


def sessions(bench):
    """Group sessions: at once, and moving data at once."""
    add = bench.figures.add
    for method, kind in bench.pick(KINDS, KINDS[::2], KINDS):
        at_once(bench, method, kind)
    streams = bench.pick(1000, 500, 20)
    for method, size in (("s5b", bench.pick(1 << 20, 1 << 18, 1 << 16)), ("ibb", 1 << 14)):
        results = [bench.programs.once("sessions", "moving", method, "client", streams, size) for _ in range(bench.runs)]
        add(f"{streams} streams moving data at once, {method}: longest call of process()", [r["longest_ms"] for r in results], at_most=5, unit="ms")
        add("  goodput of all", [r["goodput_mib_s"] for r in results], unit="MiB/s")
        add("  when the first is done / when the last is", [r["fairness"] for r in results])
        add("  most memory, both ends", [r["peak_kib"] / 1024 for r in results], unit="MiB")
    for count in bench.pick((1000, 5000), (1000,), (100,)):
        results = [bench.programs.once("sessions", "lost", "ibb", "client", count) for _ in range(bench.runs)]
        add(f"the connection is lost with {count} sessions open: longest call of process()", [r["longest_ms"] for r in results], unit="ms")
        add("  until the last has heard of it", [r["all_ms"] for r in results], unit="ms")


def succession(bench):
    """Group succession: sessions one after another."""
    for method in ("s5b", "ibb"):
        one_after_another(bench, method, bench.pick(100000, 1500, 2000))


def one_after_another(bench, method, count):
    """The last thousand of one process in turns with the first of another, so that both meet the same moments."""
    runs = []
    for _ in range(bench.runs):
        old, fresh = (Alone(bench.programs.path("sessions"), "in-turn", method, "client", n, "in-turns") for n in (count, 1000))
        take_turns([Pair(old), Pair(fresh)], 0.05, patience=1800)
        runs.append((old.result(), fresh.result()))
    add = bench.figures.add
    add(f"{count} sessions one after another, {method}: time of the last thousand / first", [o["last_us"] / f["last_us"] for o, f in runs], at_most=1.1)
    add("  CPU", [o["last_cpu_us"] / f["last_cpu_us"] for o, f in runs])
    add("  memory gained since the first thousand", [o["growth_kib"] / 1024 for o, _ in runs], at_most=1, unit="MiB")


def instructions(bench, count, program, *arguments):
    """Instructions for one of them: only what the program does inside measured() is counted."""
    with tempfile.TemporaryDirectory() as folder:
        counter = ("valgrind", "--tool=callgrind", "--toggle-collect=bench::measured*", f"--callgrind-out-file={folder}/out")
        bench.programs.once(program, *arguments, count, prefix=counter)
        with open(f"{folder}/out", encoding="utf-8", errors="replace") as file:
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.MULTILINE).group(1)) / count


def stanzas(bench):
    """Group stanzas: instructions, as callgrind counts them, which are the same on a busy machine."""
    add = bench.figures.add
    if bench.smoke:
        for case, live in (("chat", "bare"), ("chat", 5), ("data", 5), ("parse-answer", 0)):
            add(f"{case}, {live}", [bench.programs.once("stanzas", case, live, 50)["ns"]], unit="ns")
        return
    count = bench.pick(200, 50, 0)
    many = bench.pick(1000, 100, 0)   # It is making them that takes time under callgrind.
    for way in ("out", "in"):
        alone = instructions(bench, count, "inband-blocks", f"gloox-{way}")
        add(f"instructions for a 4 KiB block in-band, {way} / gloox alone", [instructions(bench, count, "inband-blocks", way) / alone], at_most=1.0)
    for case in bench.pick(("chat", "presence", "ping"), ("chat",), ()):
        bare = instructions(bench, count, "stanzas", case, "bare")
        add(f"instructions for a {case} of the bot's own / without the plugin", [instructions(bench, count, "stanzas", case, 0) / bare], at_most=1.05)
        add(f"  with {many} sessions", [instructions(bench, count, "stanzas", case, many) / bare], at_most=1.05)
    for case in bench.pick(("query", "data", "stray-data", "result", "unavailable"), ("data",), ()):
        few = instructions(bench, count, "stanzas", case, 1)
        add(f"instructions to route and answer: {case}", [few])
        add(f"  with {many} sessions / with one", [instructions(bench, count, "stanzas", case, many) / few], at_most=1.1)
    for case in bench.pick(("parse-offer", "parse-answer", "parse-element", "parse-query"), ("parse-offer", "parse-answer"), ()):
        add(f"instructions to {case.replace('-', ' ')}", [instructions(bench, count, "stanzas", case, 0)])
