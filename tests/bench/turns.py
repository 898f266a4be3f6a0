# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of programs that run in turns, a fraction of a second each.

What a virtual machine gives in one second it may not give in the next: raw TCP alone varies by a factor of three from run to run. Pairs
that take turns all meet the same good and bad moments, so that the ratio of two is steadier than either.
"""

import os
import pathlib
import signal
import time

from harness import Failure


class Pair:
    """Programs that work together, started with --in-turns: each has stopped itself when its stream was open. The last one says `ended`. With a
    server, that one has its turns, too: it may have been left with work."""

    def __init__(self, *bots, server=None):
        self.bots = bots
        self._all = (*bots, server) if server else bots
        self.seconds = 0   # for which they were allowed to run, up to the end

    def ready(self):
        groups = {bot.popen.pid for bot in self.bots}
        states = [state for group, state in _processes() if group in groups]
        return bool(states) and all(state == "T" for state in states)

    def signal(self, how):
        for bot in self._all:
            try:
                os.killpg(bot.popen.pid, how)
            except ProcessLookupError:
                pass   # that one has ended, which its exit status will tell

    def turn(self, seconds):
        """Runs so long at most. @return whether it has ended."""
        start = time.monotonic()
        self.signal(signal.SIGCONT)
        ended = self.bots[-1].sees("ended", seconds)
        self.seconds += time.monotonic() - start
        self.signal(signal.SIGSTOP)
        return ended


def _processes():
    """Process group and state of all that there are."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        yield int(group), state


def take_turns(pairs, seconds, patience=60):
    """Waits for all to be ready, so many seconds at most, and lets each run for so long in turn until all have ended."""
    deadline = time.monotonic() + patience
    while not all(pair.ready() for pair in pairs):
        if time.monotonic() > deadline:
            raise Failure("not all are ready to take turns\n" + "\n".join(bot.tail() for pair in pairs for bot in pair.bots))
        time.sleep(0.05)
    left = list(pairs)
    while left:
        left = [pair for pair in left if not pair.turn(seconds)]
    for pair in pairs:
        pair.signal(signal.SIGCONT)
