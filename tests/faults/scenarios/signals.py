# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both programs under a storm of signals whose handler lets no system call start over: every byte arrives on each kind of stream"""
# TIMEOUT 240

import os
import pathlib

from harness import check, run_scenario, skip
from world import MIB, OPEN, arrived

# tests/prosody/signal_storm.cpp
STORM = pathlib.Path(os.environ["STOCK"]).parent.parent / "faults" / "libsignal-storm.so"


def scenario(server):
    os.environ["LD_PRELOAD"] = str(STORM)
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    receiver = server.receiver("juliet")
    for name, options in OPEN.items():
        print(name, flush=True)
        original = server.make_file(16 * MIB if name == "direct" else MIB, name)
        arrived(server.sender("romeo", receiver.jid(), *options, original, resource=name), receiver, original)
    check("libsignal-storm" in (pathlib.Path("/proc") / str(receiver.popen.pid) / "maps").read_text(), "there was no storm")


if not STORM.exists():
    skip(f"{STORM} was not built")
run_scenario(scenario)
