# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that are measured, and pairs of bots on a Prosody of their own."""

import json
import subprocess

import harness


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


class Result:
    """What the two ends of one transfer said."""

    def __init__(self, sender, receiver):
        self.sender = sender
        self.receiver = receiver

    @property
    def rate(self):
        """Payload bytes per second, from the opening to the last byte at the receiver."""
        return self.receiver["bytes"] / self.receiver["to_last_data"]

    @property
    def cpu(self):
        return self.sender["cpu"] + self.receiver["cpu"]


class Stage:
    """A server, and pairs of bots on it: romeo sends to juliet."""

    def __init__(self, programs, server, port=None):
        self.programs = programs
        self.server = server
        self.port = port or server.c2s_port

    def _bot(self, program, name, arguments):
        # Of an option given twice the last one counts: the way to the server may be another than the harness knows.
        bot = harness.Bot(self.server, self.programs.path(program), name, [*arguments, "--port", self.port], f"{name}{len(self.server.bots)}")
        self.server.bots.append(bot)
        return bot

    def start(self, program, sender=(), receiver=(), both=()):
        taker = self._bot(program, "juliet", ["receive", *receiver, *both])
        giver = self._bot(program, "romeo", ["send", taker.jid(), *sender, *both])
        return giver, taker

    @staticmethod
    def finish(giver, taker, timeout=600):
        """Waits until both have ended."""
        result = Result(giver.wait_event("result", timeout), taker.wait_event("result", timeout))
        statuses = giver.wait_exit(30), taker.wait_exit(30)
        harness.check(statuses == (0, 0), f"exit status {statuses}\n{giver.events}\n{taker.events}\n{giver.tail()}\n{taker.tail()}")
        return result

    def stock(self, method, size=1, count=1, more=()):
        """Of gloox alone."""
        proxy = f"{harness.PROXY}@127.0.0.1:{self.server.proxy_port}"
        both = ["--method", method, "--bytes", size, "--count", count, *more]
        return self.finish(*self.start("stock-bot", ["--proxy", proxy], (), both))

    def ours(self, size=1, count=1, sender=(), receiver=(), both=()):
        """Of bots with the plugin."""
        return self.finish(*self.start("multiple-bot", ["--bytes", size, *sender], receiver, ["--count", count, *both]))

    def raw_proxy(self, size):
        """Bytes per second of two raw sockets through the server's proxy."""
        bot = self._bot("raw-proxy", "romeo", ["--proxy", harness.PROXY, "--proxy-port", self.server.proxy_port, "--bytes", size])
        result = bot.wait_event("result", 600)
        harness.check(bot.wait_exit(30) == 0, f"raw-proxy\n{bot.tail()}")
        return result["bytes"] / result["seconds"]
