# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second half of samples/demo: real bots, a real server, real files, one table."""

import argparse
import signal
import sys

from harness import DOMAIN, PROXY, Failure, Prosody, Transfer, free_ports
from relay import Relay

MIB = 1 << 20


class Case:
    """One row. sender and receiver are further options; method is what must come out of it."""

    def __init__(self, name, method, sender=(), receiver=(), listen=True):
        self.name = name
        self.method = method
        self.sender = sender
        self.receiver = receiver
        self.listen = listen


def cases(relay, listen):
    # Nobody listens there: the port was free a moment ago.
    dead = f"romeo@{DOMAIN}/elsewhere,127.0.0.1,{free_ports(1)[0]}"
    # The first address is the relay's, and leads to the second, which the receiver may not dial.
    cut = f",127.0.0.1,{relay.port}"
    return [
        Case("S5B, direct", "s5b"),
        Case("S5B, through the server's proxy", "s5b", ["--no-direct", "--proxy", PROXY], listen=False),
        Case("S5B impossible: a dead streamhost", "ibb",
             ["--no-direct", "--proxy", "none", "--streamhost", dead], listen=False),
        Case("S5B impossible: receiver may not dial", "ibb",
             receiver=["--deny-host", "0.0.0.0/0", "--deny-host", "::/0"]),
        Case("receiver without the extension", "s5b", receiver=["--no-si-multiple"]),
        Case("sender without the extension", "s5b", ["--no-si-multiple"]),
        Case("S5B cut twice on its way, resumed", "s5b",
             ["--resume", "--listen", f"127.0.0.2:{listen}", "--proxy", "none", "--streamhost", cut],
             ["--resume", "--deny-host", "127.0.0.2/32"], listen=False),
    ]


def run(server, case, sizes):
    """Sends one file; returns the row."""
    sent = Transfer(server, sizes[case.method], case.sender, case.receiver, case.listen).wait(300)
    seconds = max(sent.done["ms"] - sent.opened["ms"], 1) / 1000
    return {
        "case": case.name,
        "dialect": sent.dialect,
        "method": sent.method,
        "expected": case.method,
        "fallbacks": len(sent.fallbacks),
        "streams": sent.done["streams"],
        "open": sent.opened["ms"],
        "rate": sent.size / seconds / 1e6,
        "size": sent.size,
        "equal": sent.equal,
    }


HEADER = ("case", "dialect", "method", "fallbacks", "streams", "open, ms", "file", "MB/s", "digest")


def text(row):
    method = row["method"] if row["method"] == row["expected"] else f"{row['method']}, not {row['expected']}"
    return (row["case"], row["dialect"], method, str(row["fallbacks"]), str(row["streams"]), f"{row['open']:.0f}", f"{row['size'] // MIB} MiB",
            f"{row['rate']:.1f}", "equal" if row["equal"] else "DIFFERS")


def print_table(rows):
    table = [HEADER] + [text(row) for row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADER))]
    rule = tuple("-" * width for width in widths)
    print()
    for line in [table[0], rule, *table[1:]]:
        cells = [cell.rjust(width) if 3 <= column <= 7 else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())
    print()


def main():
    parser = argparse.ArgumentParser(prog="samples/demo")
    parser.add_argument("--s5b-mib", type=int, default=64)
    parser.add_argument("--ibb-mib", type=int, default=4)
    options = parser.parse_args()
    sizes = {"s5b": options.s5b_mib * MIB, "ibb": options.ibb_mib * MIB}
    # Ended from outside, everything that was started is still stopped.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))

    rows, failures = [], []
    listen = free_ports(1)[0]
    with Prosody() as server, Relay(listen, [sizes["s5b"] // 3] * 2) as relay:
        print(f"Prosody with TLS on 127.0.0.1:{server.c2s_port}, SOCKS5 proxy on port {server.proxy_port}")
        for case in cases(relay, listen):
            print(f"  {case.name} ...", flush=True)
            try:
                rows.append(run(server, case, sizes))
            except Failure as failure:
                failures.append(f"{case.name}: {failure}")
                print("  FAILED", flush=True)
    print_table(rows)
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    good = all(row["equal"] and row["method"] == row["expected"] for row in rows)
    return 0 if good and not failures else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except Failure as failure:
        sys.exit(f"demo: {failure}")
