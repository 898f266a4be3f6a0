# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP relay on loopback that breaks its connections: the network between two bots, on a bad day."""

import socket
import threading

BLOCK = 65536


class Relay:
    """Carries each connection to a port on 127.0.0.2, and cuts the first ones after so many bytes; the rest live.

    with Relay(port, [5000, 100000]) as relay: …
    """

    def __init__(self, target, cuts):
        self.target = target
        self.cuts = list(cuts)
        self.broken = 0      # connections cut so far
        self.taken = 0       # bytes read from the side that was dialled
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _serve(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        try:
            far = socket.create_connection(("127.0.0.2", self.target), 10)
        except OSError:
            near.close()
            return
        # Its ten seconds are for connecting. A connection that says nothing for longer is none of the relay's business.
        far.settimeout(None)
        with self._lock:
            left = self.cuts.pop(0) if self.cuts else None
        threading.Thread(target=self._copy_all, args=(near, far), daemon=True).start()
        try:
            while left is None or left > 0:
                block = far.recv(BLOCK if left is None else min(BLOCK, left))
                if not block:
                    break
                with self._lock:
                    self.taken += len(block)
                near.sendall(block)
                left = None if left is None else left - len(block)
        except OSError:
            pass
        if left == 0:
            with self._lock:
                self.broken += 1
        self._close(near, far)

    def _copy_all(self, source, target):
        """The other way: handshakes, nothing else."""
        try:
            while block := source.recv(BLOCK):
                target.sendall(block)
        except OSError:
            pass
        self._close(source, target)

    @staticmethod
    def _close(*sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
