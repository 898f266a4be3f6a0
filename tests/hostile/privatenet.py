# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that belongs to one scenario: every address leads to us, every connection that anybody begins is seen, and names are what we say.

    enter()                         # first of all: everything after it is in there
    openings = Openings()
    names = NameServer()
    names.zone["trap.example"] = ["127.0.0.1"]

It is a network namespace and a mount namespace of the process, and is gone with it. Only root can have one; others skip the scenario.
"""

import collections
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading

from harness import check, skip

INSIDE = "SI_MULTIPLE_PRIVATE_NETWORK"
GOOD = "198.51.100.1"       # an address like any other, of the peer's choice; so is the rest of its /24
PRIVATE = "10.9.9.9"

# What is not ours by itself; a connection that goes elsewhere leaves through lo and is not answered.
ADDRESSES = (
    "ip link set lo up",
    f"ip addr add {GOOD}/24 dev lo",
    f"ip addr add {PRIVATE}/32 dev lo",
    "ip addr add 169.254.169.254/32 dev lo",
    "ip -6 addr add fe80::1/64 dev lo nodad",
    "ip -6 addr add 2001:db8::1/64 dev lo nodad",
    "ip -6 route add local 64:ff9b::/96 dev lo",
    "ip -6 route add local 2002::/16 dev lo",
    "ip route add default dev lo",
    "ip -6 route add default dev lo",
)


def enter():
    """Starts the scenario anew in there, and prepares the network."""
    if os.environ.pop(INSIDE, None) is None:
        if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
            skip("only root can make a network namespace, with unshare and ip (Debian: apt install util-linux iproute2)")
        command = ["unshare", "--net", "--mount", "--"]
        tried = subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            skip(f"no namespace can be made here: {tried.stderr.strip()}")
        os.environ[INSIDE] = "yes"
        os.execvp(command[0], [*command, sys.executable, "-B", *sys.argv])
    for command in ADDRESSES:
        subprocess.run(command.split(), stdin=subprocess.DEVNULL, check=True)
    _mount_over("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
    _mount_over("/etc/nsswitch.conf", "hosts: files dns\n")
    for cache in ("/run/nscd", "/run/systemd/resolve"):
        if os.path.isdir(cache):
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", cache], stdin=subprocess.DEVNULL, check=True)


def _mount_over(path, text):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        subprocess.run(["mount", "--bind", file.name, path], stdin=subprocess.DEVNULL, check=True)


class Openings:
    """The first packet of each TCP connection, whether anybody takes it or not, as (address, port)."""

    OUTGOING = 4
    FORCE_BUFFER = 33           # SO_RCVBUFFORCE
    STATISTICS = (263, 6)       # SOL_PACKET, PACKET_STATISTICS

    def __init__(self):
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self._socket.setsockopt(socket.SOL_SOCKET, self.FORCE_BUFFER, 1 << 26)
        self._socket.bind(("lo", 0))
        self._socket.setblocking(False)
        self._seen = []

    def to(self, *ports):
        """All so far to these ports, each once: a packet may be sent again."""
        while True:
            try:
                packet, (_, _, kind, *_) = self._socket.recvfrom(256)
            except BlockingIOError:
                break
            opening = self._opening(packet) if kind == self.OUTGOING else None
            if opening and opening not in self._seen:
                self._seen.append(opening)
        dropped = struct.unpack("II", self._socket.getsockopt(*self.STATISTICS, 8))[1]
        check(dropped == 0, f"{dropped} packets were not seen")
        return [opening for opening in self._seen if opening[1] in ports]

    @staticmethod
    def _opening(packet):
        version = packet[0] >> 4
        header, protocol, where = (packet[0] & 15) * 4, packet[9], packet[16:20]
        if version == 6:
            header, protocol, where = 40, packet[6], packet[24:40]
        if protocol != socket.IPPROTO_TCP or packet[header + 13] & 0x12 != 2:  # SYN without ACK
            return None
        address = socket.inet_ntop(socket.AF_INET6 if version == 6 else socket.AF_INET, where)
        return address, struct.unpack_from("!H", packet, header + 2)[0]


A, CNAME, AAAA = 1, 5, 28


def _name(labels):
    return b"".join(bytes((len(label),)) + label for label in labels.encode().split(b".")) + b"\0"


def record(kind, data, owner=b"\xc0\x0c"):
    """owner: by default the name that was asked for."""
    return owner + struct.pack("!HHIH", kind, 1, 0, len(data)) + data


def addresses(texts):
    """Records of each kind of question that these addresses answer."""
    found = collections.defaultdict(list)
    for text in texts:
        kind, family = (AAAA, socket.AF_INET6) if ":" in text else (A, socket.AF_INET)
        found[kind].append(record(kind, socket.inet_pton(family, text)))
    return found


def alias(name):
    """A record that the name asked for is that one."""
    return record(CNAME, _name(name))


def response(question, records, count=None, flags=0x8180):
    """question: the request as it came. count: how many records there are said to be."""
    return question[:2] + struct.pack("!HHHHH", flags, 1, len(records) if count is None else count, 0, 0) + question[12:] + b"".join(records)


class NameServer:
    """Answers on port 53, over UDP and TCP. zone: what it knows of a name: a list of addresses, or function( question, kind, times
    asked before ) that returns the packets to be sent. Other names do not exist."""

    MOST = 512      # bytes in a datagram, as nobody here asks for more

    def __init__(self, address="127.0.0.1"):
        self.zone = {}
        self.asked = collections.Counter()      # (name, kind)
        self._lock = threading.Lock()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((address, 53))
        self._tcp = socket.create_server((address, 53))
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def times(self, name):
        """How often A and AAAA of that name were asked for."""
        with self._lock:
            return self.asked[name, A], self.asked[name, AAAA]

    def _answers(self, packet):
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode())
            at += 1 + packet[at]
        name, kind = ".".join(labels).lower(), struct.unpack_from("!H", packet, at + 1)[0]
        question = packet[:at + 5]   # without the extensions behind it
        with self._lock:
            before = self.asked[name, kind]
            self.asked[name, kind] += 1
        known = self.zone.get(name)
        if known is None:
            return [response(question, [], flags=0x8183)]
        if callable(known):
            return known(question, kind, before)
        return [response(question, addresses(known)[kind])]

    def _serve_udp(self):
        while True:
            packet, whom = self._udp.recvfrom(4096)
            threading.Thread(target=self._reply, args=(packet, whom), daemon=True).start()

    def _reply(self, packet, whom):
        for answer in self._answers(packet):
            if len(answer) > self.MOST:
                answer = response(answer[:self._end(answer)], [], flags=0x8380)   # come again over TCP
            self._udp.sendto(answer, whom)

    @staticmethod
    def _end(packet):
        return packet.index(b"\0", 12) + 5

    def _serve_tcp(self):
        while True:
            sock, _ = self._tcp.accept()
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock):
        with sock, sock.makefile("rb") as file:
            while len(size := file.read(2)) == 2:
                for answer in self._answers(file.read(struct.unpack("!H", size)[0])):
                    sock.sendall(struct.pack("!H", len(answer)) + answer)
