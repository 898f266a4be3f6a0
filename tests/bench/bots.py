# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that are measured, and pairs of bots on a Prosody of their own."""

import contextlib
import json
import subprocess
import tempfile

import harness
from turns import Pair, take_turns

IN_TURNS = ("--in-turns", "yes")
WAITING = ("--wait", "yes")   # gloox alone where what carries its bytes, a relay or a line, needs a processor


class Programs:
    """Where they are."""

    def __init__(self, build):
        self.build = build

    def path(self, name):
        return self.build / "tests" / "bench" / f"bench-{name}"

    def once(self, name, *arguments, prefix=(), timeout=1800):
        """Runs a program that needs no server; what its last line of JSON says."""
        done = subprocess.run([*map(str, prefix), self.path(name), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout, check=False)
        harness.check(done.returncode == 0, f"{name} {arguments}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])


class Alone:
    """A program that needs no server and takes turns with others."""

    def __init__(self, path, *arguments):
        self._out = tempfile.TemporaryFile()
        self.popen = subprocess.Popen([path, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=self._out, start_new_session=True)

    def sees(self, _, seconds):
        """Waits so long at most for its end."""
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def tail(self):
        self._out.seek(0)
        return self._out.read().decode()

    def result(self):
        """What its last line of JSON says."""
        harness.check(self.popen.wait(600) == 0, f"{self.popen.args}: exit status {self.popen.returncode}\n{self.tail()}")
        return json.loads(self.tail().splitlines()[-1])


class Result:
    """What the two ends of one transfer said."""

    def __init__(self, sender, receiver, seconds=None):
        self.sender = sender
        self.receiver = receiver
        self.seconds = seconds   # that it took; None: from the opening to the last byte at the receiver

    @property
    def rate(self):
        """Payload bytes per second."""
        return self.receiver["bytes"] / (self.seconds or self.receiver["to_last_data"])

    @property
    def cpu(self):
        """CPU seconds of both ends."""
        return self.sender["cpu"] + self.receiver["cpu"]

    @property
    def cpu_per_byte(self):
        return self.cpu / self.receiver["bytes"]


class Stage:
    """A server, and pairs of bots on it: romeo sends to juliet, who is at the far end of the line, if there is one."""

    def __init__(self, programs, server, port=None, line=None):
        self.programs = programs
        self.server = server
        self.port = port or server.c2s_port
        self.line = line

    def _bot(self, program, name, arguments):
        # Of an option given twice the last one counts: the way to the server may be another than the harness knows.
        bot = harness.Bot(self.server, self.programs.path(program), name, [*arguments, "--port", self.port], f"{name}{len(self.server.bots)}")
        self.server.bots.append(bot)
        return bot

    def start(self, program, sender=(), receiver=(), both=()):
        far = ("--host", self.line.NEAR) if self.line else ()
        with self.line.there() if self.line else contextlib.nullcontext():
            taker = self._bot(program, "juliet", ["receive", *far, *receiver, *both])
        giver = self._bot(program, "romeo", ["send", taker.jid(), *sender, *both])
        return giver, taker

    @staticmethod
    def finish(*bots, seconds=None, timeout=600):
        """Waits until all have ended."""
        results = [bot.wait_event("result", timeout) for bot in bots]
        statuses = [bot.wait_exit(30) for bot in bots]
        told = "\n".join(f"{bot.events}\n{bot.tail()}" for bot in bots)
        harness.check(not any(statuses), f"exit status {statuses}\n{told}")
        return Result(results[0], results[-1], seconds)

    def all(self, started):
        """The results of pairs that were started, and run at once: for what waits and does not compute."""
        return [self.finish(*pair) for pair in started]

    def in_turns(self, *pairs, seconds):
        """Waits until all pairs have ended, which run in turns of so many seconds."""
        return self.finish_turns([Pair(*bots) for bots in pairs], seconds)

    @classmethod
    def finish_turns(cls, turns, seconds):
        take_turns(turns, seconds)
        return [cls.finish(*turn.bots, seconds=turn.seconds) for turn in turns]

    def stock_pair(self, method, size=1, count=1, both=()):
        """Two of gloox alone, started."""
        proxy = f"{harness.PROXY}@127.0.0.1:{self.server.proxy_port}"
        return self.start("stock-bot", ["--proxy", proxy], (), ["--method", method, "--bytes", size, "--count", count, *both])

    def pair(self, size=1, count=1, sender=(), receiver=(), both=()):
        """Two with the plugin, started."""
        return self.start("multiple-bot", ["--bytes", size, *sender], receiver, ["--count", count, *both])

    def stock(self, *arguments, **more):
        """The result of two of gloox alone."""
        return self.finish(*self.stock_pair(*arguments, **more))

    def ours(self, *arguments, **more):
        """The result of two with the plugin."""
        return self.finish(*self.pair(*arguments, **more))

    def raw_pair(self, size):
        """Two raw sockets, started to take turns."""
        return [self._bot("raw-tcp", "romeo", ["--bytes", size, *IN_TURNS])]

    def raw_line_pair(self, size):
        """Two raw sockets, started, in the places of romeo and juliet on the line."""
        with self.line.there():
            return [self._bot("raw-tcp", "juliet", ["--bytes", size, "--address", self.line.FAR, "--writer-in", self.line.near_end])]

    def raw_proxy_pair(self, size):
        """Two raw sockets through the server's proxy, started to take turns."""
        return [self._bot("raw-proxy", "romeo", ["--proxy", harness.PROXY, "--proxy-port", self.server.proxy_port, "--bytes", size, *IN_TURNS])]
