# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers say to a SOCKS5 listener, and what they get for it: (name, what they send, what comes back before they are closed)."""

import os

from socks5peer import CHOICE, GREETING, NO_METHOD, connect_for, reply_for

HELLO = bytes.fromhex("1603010200 010001fc0303") + bytes(range(32)) + b"\0" * 473
HTTP = b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: scan\r\n\r\n"


def greetings():
    """Closed without another word, or with the one that there is nothing for them."""
    yield "version 4", b"\4\1\0\x50\x7f\0\0\1\0", b""
    yield "version 6", b"\6\1\0", b""
    yield "TLS", HELLO, b""
    yield "HTTP", HTTP, b""
    yield "HTTP CONNECT", b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n\r\n", b""
    yield "NULs", b"\0" * 300, b""
    yield "random bytes", bytes((os.urandom(1)[0] | 8,)) + os.urandom(500), b""     # not 5 first
    yield "no method", b"\5\0", NO_METHOD
    yield "password only", b"\5\1\2", NO_METHOD
    yield "method ff", b"\5\1\xff", NO_METHOD
    yield "254 methods, none of them 00", b"\5\xfe" + bytes(range(1, 255)), NO_METHOD
    yield "a greeting that leaves no room", b"\5\xff" + b"\2" * 254 + b"\0" + b"\5\1\0\3\x28", CHOICE   # SEC-17: 262 bytes and no more


def requests(digest):
    """After a good greeting: closed without another word. Of this digest, which is registered, there is always something wrong."""
    yield "version", connect_for(digest, b"\4\1\0\3\x28")
    yield "BIND", connect_for(digest, b"\5\2\0\3\x28")
    yield "UDP", connect_for(digest, b"\5\3\0\3\x28")
    yield "command 0", connect_for(digest, b"\5\0\0\3\x28")
    yield "reserved byte", connect_for(digest, b"\5\1\1\3\x28")
    yield "an IPv4 address", b"\5\1\0\1\x7f\0\0\1\0\x16"
    yield "an IPv6 address", b"\5\1\0\4" + bytes(15) + b"\1\0\x16"
    yield "address type 2", connect_for(digest, b"\5\1\0\2\x28")
    yield "a name to connect to", b"\5\1\0\3\x09localhost\0\x16"
    for length in (0, 39, 41, 255):
        yield f"length {length}", connect_for(digest, b"\5\1\0\3%c" % length) + b"\0" * 215
    for port in (1, 22, 256, 65535):
        yield f"port {port}", connect_for(digest, port=port)
    yield "another length of the digest", connect_for(digest[:39]) + b"\0"
    yield "NULs for a digest", connect_for(b"\0" * 40)
    yield "a NUL in the digest", connect_for(digest[:39].encode() + b"\0")
    yield "a NUL behind it", connect_for(b"\0" + digest[1:].encode())
    yield "spaces", connect_for(b" " + digest[:39].encode())
    yield "not hexadecimal", connect_for(digest[:39] + "g")
    yield "not ASCII", connect_for(digest[:38].encode() + "é".encode())


def digests(digest):
    """After a good greeting, with nothing wrong but the digest: status 02, and the digest that they said."""
    for at, char in enumerate(digest):
        yield f"digit {at}", digest[:at] + f"{int(char, 16) ^ 1:x}" + digest[at + 1:]
    yield "reversed", digest[::-1]
    yield "zeros", "0" * 40
    yield "in capitals, and one other digit", (digest[:39] + f"{int(digest[39], 16) ^ 8:x}").upper()


def table(digest):
    """All of them. Said in one piece, and the more patient ones wait for the choice: it makes no difference."""
    yield from greetings()
    for name, request in requests(digest):
        yield name, GREETING + request, CHOICE
    for name, wrong in digests(digest):
        yield name, GREETING + connect_for(wrong), CHOICE + reply_for(wrong, 2)
