# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cable that loses, doubles and disorders packets: two TUN devices and a thread between them. It takes no netem, which not every kernel has."""

import ctypes
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

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def tun(name):
    """A new device in the network namespace of this thread. Whoever writes here, sends there."""
    try:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        skip(f"there are no TUN devices here: {problem}")
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


class BadLine(Cable):
    """From spoil() on, `lost` of 100 packets are lost, `doubled` come twice, and `late` are overtaken by others."""

    def __init__(self, lost, doubled, late, seed=1):
        super().__init__()
        self._lost, self._doubled, self._late = lost, doubled, late
        self._random = random.Random(seed)
        self._bad = False
        self._ends = []
        self._forwarder = threading.Thread(target=self._forward, daemon=True)
        self._over = threading.Event()
        self.seen = {"lost": 0, "doubled": 0, "late": 0, "well": 0}

    def spoil(self):
        self._bad = True

    def _connect(self):
        self._ends.append(tun("near"))
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self._name}", os.O_RDONLY)
        try:
            ctypes.CDLL(None).setns(there, CLONE_NEWNET)
            self._ends.append(tun("far"))
        finally:
            ctypes.CDLL(None).setns(here, CLONE_NEWNET)
            os.close(here)
            os.close(there)
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
        near, *far = self._ends
        to = {near: far[0], far[0]: near}
        while not self._over.is_set():
            ready, _, _ = select.select(list(to), [], [], 0.001 if waiting else 0.1)
            for end in ready:
                packet = os.read(end, 65536)
                for delay in self._fate():
                    number += 1
                    heapq.heappush(waiting, (time.monotonic() + delay, number, to[end], packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(waiting)
                try:
                    os.write(end, packet)
                except OSError:
                    pass   # that end is going down: lost as well

    def _fate(self):
        """How late it arrives, once for each time that it does."""
        dice = self._random.uniform(0, 100)
        for fate, share, delays in (("lost", self._lost, ()), ("doubled", self._doubled, (0, 0.002)), ("late", self._late, (0.01,))):
            if self._bad and dice < share:
                self.seen[fate] += 1
                return delays
            dice -= share
        self.seen["well"] += 1
        return (0,)
