# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-17, S5B-10: while the listener is scanned, filled and shouted at, a stream that came through it goes on, and so do new ones"""

import hashlib
import os
import threading

from crowd import NO_LIMITS, Crowd
from harness import check, run_scenario
from sessions import Joined
from socks5peer import GREETING, PATIENCE, Client, connect_for
from strangers import table
from watch import Watch

ROUNDS = 4
LEAST = 64 << 20    # bytes each way, and as many more as it takes
BLOCK = 1 << 16


class Flow:
    """Bytes that never repeat, from one socket to another, until finish()."""

    def __init__(self, source, sink):
        self.source, self.sink = source.socket, sink.socket
        self.sent, self.received = hashlib.sha256(), hashlib.sha256()
        self.out = self.arrived = 0
        self.problem = None
        self._last = False
        self._news = threading.Condition()
        self._threads = [threading.Thread(target=self._guard, args=(work,), daemon=True) for work in (self._write, self._read)]
        for thread in self._threads:
            thread.start()

    def wait(self, arrived):
        """Until so many bytes have arrived, and never stands still meanwhile."""
        with self._news:
            while self.arrived < arrived:
                here = self.arrived
                check(self._news.wait_for(lambda: self.arrived > here or self.problem, PATIENCE) and not self.problem,
                      f"the stream stands still after {here} bytes: {self.problem}")

    def finish(self):
        self._last = True
        for thread in self._threads:
            thread.join(PATIENCE)
        check(not self.problem, f"the stream broke after {self.arrived} bytes: {self.problem}")
        check(self.arrived == self.out and self.sent.digest() == self.received.digest(), f"{self.arrived} of {self.out} bytes arrived, or others")

    def _guard(self, work):
        try:
            work()
        except OSError as error:
            with self._news:
                self.problem = error
                self._news.notify_all()

    def _write(self):
        while not self._last:
            block = os.urandom(BLOCK)
            self.source.sendall(block)
            self.sent.update(block)
            with self._news:
                self.out += len(block)
                self._news.notify_all()

    def _read(self):
        while self._threads[0].is_alive() or self.arrived < self.out:
            with self._news:
                self._news.wait_for(lambda: self.arrived < self.out or self._last, PATIENCE)
                left = self.out - self.arrived
            block = self.sink.recv(max(1, min(left, BLOCK))) if left else b""
            if left and not block:
                raise ConnectionError("ended")
            with self._news:
                self.received.update(block)
                self.arrived += len(block)
                self._news.notify_all()


def scan(port, count, source=None):
    """Connects and goes away, half of them with a RST; every fourth asks for something first."""
    for number in range(count):
        client = Client(port, source=source)
        if number % 4 == 3:
            client.send(os.urandom(64))
        client.reset() if number % 2 else client.close()


def scenario(server):
    romeo = Crowd(server).member("romeo", "orchard")
    tube = Joined(server, romeo, "--proxy", "none", "--timeout", "T-SOCKS=3")
    watch = Watch(tube.bot)
    before = watch.descriptors()
    first = tube.connect().accept().query()
    first.carries(first.direct())
    resident = watch.resident()

    holder = tube.connect().accept().query()    # it keeps the listener open
    port = holder.listener
    big = tube.connect().accept().query()
    stream = big.direct()
    check(big.listener == port, "the premise is wrong: another listener")
    flows = Flow(big.tcp, stream), Flow(stream, big.tcp)

    for number in range(ROUNDS):
        here = [flow.arrived for flow in flows]
        scan(port, 500)
        scan(port, 100, f"127.0.2.{number + 1}")
        for _, data, _ in table(holder.digest):
            with Client(port) as client:
                client.send(data).read_all()
        # The digest of the stream that is open, from all sides.
        for _ in range(20):
            with Client(port) as client:
                check(client.send(GREETING + connect_for(big.digest)).read_all()[2:4] == b"\5\2", "the digest was good twice")
        together = [Client(port) for _ in range(500)]
        # Among all of these a new stream opens, from an address that has no part in it.
        session = tube.connect().accept().query()
        session.carries(session.direct("127.0.3.1"))
        for client in together:
            client.close()
        for flow, least in zip(flows, here):
            flow.wait(least + (1 << 20))

    for flow in flows:
        flow.wait(LEAST)
        flow.finish()
    stream.close()
    big.over("done")
    holder.carries(holder.direct())
    watch.as_before(before, resident)
    watch.stop()


run_scenario(scenario, settings=NO_LIMITS)
