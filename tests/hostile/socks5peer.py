# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ends of a SOCKS5 handshake (W-16) as somebody plays them who may lie: bytes, pauses, closes, and nothing that is not in the script.

    client = Client(port)                               # against a bot's listener
    client.send(GREETING)
    check(client.read(2) == CHOICE, ...)

    host = Host([Read(3), b"\\5\\xff", CLOSE])            # for a bot that is told to connect to host.port
    ...
    host.heard                                          # what each connection has said, in the order of their arrival
"""

import contextlib
import hashlib
import socket
import struct
import threading
import time

PATIENCE = 30

GREETING = b"\5\1\0"
CHOICE = b"\5\0"
NO_METHOD = b"\5\xff"


def digest_of(sid, requester, target):
    """S5B-18: the DST.ADDR."""
    return hashlib.sha1((sid + requester + target).encode()).hexdigest()


def connect_for(digest, head=b"\5\1\0\3\x28", port=0):
    return head + (digest if isinstance(digest, bytes) else digest.encode()) + struct.pack("!H", port)


def reply_for(digest, status=0):
    return b"\5%c\0\3\x28" % status + digest.encode() + b"\0\0"


def reset(sock):
    """Closes with a RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class Client:
    """One connection to a listener. source: the address to come from."""

    def __init__(self, port, address="127.0.0.1", source=None):
        self._use(socket.create_connection((address, port), PATIENCE, (source, 0) if source else None))

    @classmethod
    def over(cls, connected):
        """The same for a connection that is there already."""
        client = cls.__new__(cls)
        client._use(connected)
        return client

    def _use(self, connected):
        self.socket = connected
        self.socket.settimeout(PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """What the other side no longer takes is not our loss."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)
        return self

    def read(self, count):
        """count bytes, or what came before the end."""
        parts = []
        with contextlib.suppress(ConnectionResetError):
            while count > 0 and (block := self.socket.recv(min(count, 1 << 16))):
                parts.append(block)
                count -= len(block)
        return b"".join(parts)

    def read_all(self):
        """What comes before the end; TimeoutError if that does not come."""
        return self.read(1 << 40)

    def ended(self):
        """Whether the other side has closed the connection, so far."""
        self.socket.setblocking(False)
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)

    def shake(self, digest):
        """The whole handshake, as it should be; returns the reply."""
        self.send(GREETING)
        if self.read(2) != CHOICE:
            return b""
        return self.send(connect_for(digest)).read(47)

    def close(self):
        self.socket.close()

    def reset(self):
        reset(self.socket)


class Read:
    """In a script: read so many bytes before going on."""

    def __init__(self, count):
        self.count = count


class Slowly:
    """In a script: send these bytes one by one, each in a packet of its own."""

    def __init__(self, data, pause=0.002):
        self.data = data
        self.pause = pause


class Call:
    """In a script: what cannot be said in advance. function( socket ) is called."""

    def __init__(self, function):
        self.function = function


CLOSE = "close"
RESET = "reset"
SILENCE = "silence"   # until the other side closes


def honest(digest, *after):
    """The script of a host that does what it should, and what comes then."""
    return [Read(3), CHOICE, Read(47), reply_for(digest), *after]


class Host:
    """A host that plays a script to whoever connects; it ends with SILENCE. Bytes are sent, the rest stands above."""

    def __init__(self, script, address="127.0.0.1", port=0):
        self.script = script
        self.heard = []     # of each connection, what it has said
        self.ends = 0       # how many of them are over
        self._news = threading.Condition()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family, backlog=128, dualstack_ipv6=address == "::")
        self.address = address
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Takes nobody any more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def wait_over(self, count=1):
        """Until so many connections are over."""
        with self._news:
            return self._news.wait_for(lambda: self.ends >= count, PATIENCE)

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._play, args=(sock,), daemon=True).start()

    def _play(self, sock):
        with self._news:
            number = len(self.heard)
            self.heard.append(b"")
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError), sock:
            if self._follow(sock, number, self.script):
                while self._hear(sock, number, 1 << 16):
                    pass
        with self._news:
            self.ends += 1
            self._news.notify_all()

    def _follow(self, sock, number, script):
        """Whether the connection is still open afterwards."""
        for step in script:
            if isinstance(step, bytes):
                sock.sendall(step)
            elif isinstance(step, Slowly):
                for byte in step.data:
                    sock.sendall(bytes((byte,)))
                    time.sleep(step.pause)
            elif isinstance(step, Read):
                left = step.count
                while left > 0:
                    got = self._hear(sock, number, left)
                    if not got:
                        return False
                    left -= got
            elif isinstance(step, Call):
                step.function(sock)
            elif step == CLOSE:
                return False
            elif step == RESET:
                reset(sock)
                return False
        return True

    def _hear(self, sock, number, most):
        block = sock.recv(most)
        with self._news:
            self.heard[number] += block
        return len(block)
