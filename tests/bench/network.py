# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks: a delay between the bots and their server, and hosts that do not answer."""

import ctypes
import os
import queue
import socket
import subprocess
import threading
import time

from world import CLONE_NEWNET

BLOCK = 65536


class Relay:
    """Carries TCP connections to a port on 127.0.0.1, each byte delayed by so many seconds in either direction."""

    def __init__(self, target, delay):
        self.target = target
        self.delay = delay
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            near, _ = self._listener.accept()
            far = socket.create_connection(("127.0.0.1", self.target))
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._carry(near, far)
            self._carry(far, near)

    def _carry(self, source, sink):
        waiting = queue.Queue(maxsize=1024)
        threading.Thread(target=self._read, args=(source, waiting), daemon=True).start()
        threading.Thread(target=self._write, args=(sink, waiting), daemon=True).start()

    def _read(self, source, waiting):
        block = b"-"
        while block:
            try:
                block = source.recv(BLOCK)
                # A wire does not hold back acknowledgements; a socket does, for 40 ms, and some servers wait for them.
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            except OSError:
                block = b""
            waiting.put((time.monotonic() + self.delay, block))

    @staticmethod
    def _write(sink, waiting):
        while True:
            due, block = waiting.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if not block:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(block)
            except OSError:
                return


class DelayedNetwork:
    """A network with so many seconds of round trip between two bots: by netem in a network namespace of our own where the kernel
    has it and we are root, else by relays before the server. All that is to live in it is started inside the block."""

    def __init__(self, round_trip):
        # A request passes two connections (bot to server, server to bot), and so does its answer.
        self.one_way = round_trip / 4
        self.by = "relays"
        self._outside = None

    def __enter__(self):
        if os.geteuid() == 0:
            self._enter_namespace()
        return self

    def __exit__(self, kind, value, trace):
        self._leave_namespace()

    def _enter_namespace(self):
        outside = os.open("/proc/self/ns/net", os.O_RDONLY)
        if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
            os.close(outside)
            return
        self._outside = outside
        netem = ("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", f"{self.one_way * 1000:g}ms", "limit", "100000")
        if all(self._works(command) for command in (("ip", "link", "set", "lo", "up", "mtu", "1500"), netem)):
            self.by = "netem"
        else:
            self._leave_namespace()

    @staticmethod
    def _works(command):
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def _leave_namespace(self):
        if self._outside is not None:
            ctypes.CDLL(None).setns(self._outside, CLONE_NEWNET)
            os.close(self._outside)
            self._outside = None

    def port(self, port):
        """Through which port a bot reaches a port of the server, with the delay."""
        return port if self.by == "netem" else Relay(port, self.one_way).port


class SilentHost:
    """A host behind a firewall that drops: what is sent to it stays unanswered. Its queue of connections is full, and nobody takes them."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._queued = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(self._listener.getsockname())
            self._queued.append(one)


class MuteHost:
    """A host that takes connections and never says anything."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]


def refusing_address():
    """An address at which nobody listens: connections are refused at once."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % one.getsockname()[1]
