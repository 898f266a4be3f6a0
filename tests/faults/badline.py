# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cables on which something happens to packets: two TUN devices and a thread between them. It takes no netem, which not every kernel has."""

import fcntl
import heapq
import os
import random
import select
import struct
import threading
import time

from harness import skip
from world import Cable

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
QUEUE = 10000   # packets that a device holds for us, so that it loses none of its own accord


def tun(name):
    """A new device in the network namespace of this thread. Whoever writes here, sends there."""
    try:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        skip(f"there are no TUN devices here: {problem}")
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


class TunCable(Cable):
    """What becomes of a packet, fate() says."""

    def __init__(self):
        super().__init__()
        self._ends = []
        self._forwarder = threading.Thread(target=self._forward, daemon=True)
        self._over = threading.Event()

    def fate(self, end):
        """How many seconds late it arrives, once for each time that it does. end: where it comes from, 0 or 1."""
        raise NotImplementedError

    def _connect(self):
        self._ends.append(tun("near"))
        with self.there():
            self._ends.append(tun("far"))
        self._run("ip", "link", "set", "near", "txqueuelen", str(QUEUE))
        self._run("ip", "-n", self._name, "link", "set", "far", "txqueuelen", str(QUEUE))
        self._forwarder.start()

    def __exit__(self, *how):
        self._over.set()
        if self._forwarder.is_alive():
            self._forwarder.join()
        for end in self._ends:
            os.close(end)
        super().__exit__(*how)

    def _forward(self):
        waiting = []   # (when, number, where to, packet)
        number = 0
        near, far = self._ends
        to = {near: (0, far), far: (1, near)}
        while not self._over.is_set():
            patience = max(0, waiting[0][0] - time.monotonic()) if waiting else 0.1
            ready, _, _ = select.select(list(to), [], [], min(patience, 0.1))
            for device in ready:
                end, other = to[device]
                packet = os.read(device, 65536)
                for delay in self.fate(end):
                    number += 1
                    heapq.heappush(waiting, (time.monotonic() + delay, number, other, packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, other, packet = heapq.heappop(waiting)
                try:
                    os.write(other, packet)
                except OSError:
                    pass   # that end is going down: lost as well


class BadLine(TunCable):
    """From spoil() on, `lost` of 100 packets are lost, `doubled` come twice, and `late` are overtaken by others."""

    def __init__(self, lost, doubled, late, seed=1):
        super().__init__()
        self._lost, self._doubled, self._late = lost, doubled, late
        self._random = random.Random(seed)
        self._bad = False
        self.seen = {"lost": 0, "doubled": 0, "late": 0, "well": 0}

    def spoil(self):
        self._bad = True

    def fate(self, end):
        dice = self._random.uniform(0, 100)
        for fate, share, delays in (("lost", self._lost, ()), ("doubled", self._doubled, (0, 0.002)), ("late", self._late, (0.01,))):
            if self._bad and dice < share:
                self.seen[fate] += 1
                return delays
            dice -= share
        self.seen["well"] += 1
        return (0,)


class LongLine(TunCable):
    """A way of so many seconds, on which of so many packets one is lost, in either direction: by count, so that one run is like the next. 0: none is."""

    def __init__(self, one_way, lost_of=0):
        super().__init__()
        self._one_way = one_way
        self._lost_of = lost_of
        self._passed = [0, 0]

    def _connect(self):
        super()._connect()
        self._same_each_time()
        with self.there():
            self._same_each_time()

    @staticmethod
    def _same_each_time():
        """Others than Reno begin at random, or go by how busy the machine is."""
        with open("/proc/sys/net/ipv4/tcp_congestion_control", "w", encoding="ascii") as setting:
            setting.write("reno")

    def fate(self, end):
        self._passed[end] += 1
        lost = self._lost_of > 0 and self._passed[end] % self._lost_of == 0
        return () if lost else (self._one_way,)
