# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures everything and tells it; called by tests/bench/run."""

import argparse
import os
import pathlib
import platform
import subprocess
import sys
import time

import distance
import opening
import scale
import streams
from bots import Programs
from figures import Figures

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Bench:
    """What the groups share."""

    def __init__(self, build, quick, smoke):
        self.programs = Programs(build.resolve())
        self.quick = quick
        self.smoke = smoke
        self.runs = 1 if smoke else 5
        self.figures = Figures()

    def pick(self, full, quick, smoke):
        """How much of it: for a full run, a quick one, and one that only shows that everything works."""
        return smoke if self.smoke else quick if self.quick else full


def size(bench):
    """Group size: reported, not judged."""
    library = bench.programs.build / "plugin" / "libgloox-si-multiple.so"
    stripped = bench.programs.build / "stripped.so"
    subprocess.run(["strip", "-o", stripped, library], check=True)
    bench.figures.add("size of the stripped library", [stripped.stat().st_size / 1024], unit="KiB")
    sources = [path for path in (ROOT / "plugin" / "src").rglob("*") if path.suffix in (".h", ".cpp")]
    bench.figures.add("lines of plugin/src", [sum(len(path.read_text().splitlines()) for path in sources)])


GROUPS = {"streams": streams.socks5, "proxy": streams.proxied, "in-band": streams.in_band, "line": distance.line, "limits": distance.limits,
          "opening": opening.opening, "dead-hosts": opening.dead_hosts, "memory": streams.memory, "sessions": scale.sessions,
          "succession": scale.succession, "stanzas": scale.stanzas, "size": size}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="measure hardly anything and judge nothing: do the programs work?")
    parser.add_argument("--json")
    parser.add_argument("--against")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    groups = {name: group for name, group in GROUPS.items() if arguments.only in name}
    if not groups:
        parser.error(f"--only: one of {', '.join(GROUPS)}")

    bench = Bench(arguments.build, arguments.quick, arguments.smoke)
    print(f"\n{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
          f"{'; quick' if arguments.quick else ''}. Medians; what is to be reached; lowest to highest.")
    for name, group in groups.items():
        start = time.monotonic()
        print(f"\n{name}", flush=True)
        group(bench)
        print(f"  ({time.monotonic() - start:.0f} s)", flush=True)
    if arguments.json:
        bench.figures.json(arguments.json)
    if arguments.against:
        bench.figures.agreement(arguments.against)
    return 0 if bench.figures.verdict() or arguments.smoke else 1


if __name__ == "__main__":
    sys.exit(main())
