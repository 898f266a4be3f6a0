# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PTB-5, PTB-6, PTB-7: TCP connections through a stream tube lose no byte, whoever closes first, and end with the tube"""
# TIMEOUT 300

import contextlib
import hashlib
import os
import signal
import socket
import struct
import threading

from harness import check, run_scenario

PATIENCE = 120


def read_exactly(sock, count):
    """count bytes, or what came before the end."""
    parts = []
    while count > 0:
        block = sock.recv(min(count, 1 << 16))
        if not block:
            break
        parts.append(block)
        count -= len(block)
    return b"".join(parts)


def read_all(sock):
    return read_exactly(sock, 1 << 40)


class Server:
    """Greets, reads a request of the length that is announced, answers with its digest and an answer, and closes. A request of
    length 0 means: read to the end, answer nothing. What was read to the end is in digests."""

    def __init__(self, size):
        self.answer = os.urandom(size)
        self.digests = []
        self.news = threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with sock, contextlib.suppress(OSError):
            sock.settimeout(PATIENCE)
            sock.sendall(b"hello")  # the announcer's side speaks first
            length, = struct.unpack("!Q", read_exactly(sock, 8))
            if length:
                digest = hashlib.sha256(read_exactly(sock, length)).digest()
                sock.sendall(digest + self.answer)
                return
            digest = hashlib.sha256(read_all(sock)).digest()
            with self.news:
                self.digests.append(digest)
                self.news.notify_all()

    def wait_digest(self, digest):
        with self.news:
            return self.news.wait_for(lambda: digest in self.digests, PATIENCE)


class Client(threading.Thread):
    """One connection. problem is empty once it went as it should."""

    def __init__(self, port, server, size, client_closes):
        super().__init__(daemon=True)
        self.port, self.server, self.client_closes = port, server, client_closes
        self.request = os.urandom(size)
        self.problem = "did not end"
        self.start()

    def run(self):
        try:
            self.problem = self._talk()
        except OSError as error:
            self.problem = str(error)

    def _talk(self):
        digest = hashlib.sha256(self.request).digest()
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as sock:
            if read_exactly(sock, 5) != b"hello":
                return "no greeting"
            sock.sendall(struct.pack("!Q", 0 if self.client_closes else len(self.request)))
            sock.sendall(self.request)
            if not self.client_closes:
                back = read_all(sock)
                if back[:32] != digest:
                    return "the server read something else"
                return "" if back[32:] == self.server.answer else f"{len(back) - 32} bytes came back, or others"
        return "" if self.server.wait_digest(digest) else "the server did not read all of it"


def joined(server, method, target):
    """Both programs, and the port to connect to."""
    number = len(server.bots)
    join = server.tube("juliet", "--methods", method, "join", "--service", "echo", "127.0.0.1:0", resource=f"join{number}")
    share = server.tube("romeo", "--methods", method, "share", "echo", f"127.0.0.1:{target.port}", join.jid(),
                        resource=f"share{number}")
    tube = join.wait_event("tube")
    check(tube["peer"] == share.jid() and tube["service"] == "echo", f"not the tube: {tube}")
    return share, join, join.wait_event("listening")["port"]


def carries(server, method, count, size):
    target = Server(size)
    share, join, port = joined(server, method, target)
    clients = [Client(port, target, size + i, i % 2 == 1) for i in range(count)]
    for client in clients:
        client.join(PATIENCE)
        check(not client.problem, f"{method}: {client.problem}\n{share.tail()}\n{join.tail()}")
    for bot in share, join:
        bot.wait_event("done", 30, count)
        check({event["method"] for event in bot.find("open")} == {method}, f"not all {method}: {bot.find('open')}")
        check(not bot.find("error"), f"{bot.find('error')}")
    check(sum(event["sent"] for event in join.find("done")) == sum(event["received"] for event in share.find("done")),
          "the two programs count differently")
    return share, join, port


def ends(interrupted, other, port):
    """W-35: open connections end with the tube, not as if all had been said."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        check(read_exactly(sock, 5) == b"hello", "no greeting")
        interrupted.popen.send_signal(signal.SIGINT)
        with contextlib.suppress(ConnectionResetError):
            check(read_all(sock) == b"", "something came after the end")
    for bot, how in (interrupted, "local"), (other, "remote"):
        closed = bot.wait_event("closed")
        check(closed["how"] == how, f"closed {closed['how']}, wanted: {how}")
        status = bot.wait_exit(30)
        check(status == 0, f"exit status {status}\n{bot.tail()}")


def scenario(server):
    share, join, port = carries(server, "s5b", 6, 4 << 20)
    ends(share, join, port)
    share, join, port = carries(server, "ibb", 4, 1 << 20)
    ends(join, share, port)


run_scenario(scenario)
