# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLS-13: a stream that is cut and resumed by the server (XEP-0198): every byte arrives, or both sides hear one cause, and no timer's"""
# TIMEOUT 300

import contextlib

from harness import check, run_scenario, sha256
from world import MIB, OPEN, SLOW, Line, MuteHost, arrived, lives, moving, one_error, stopped


def told(bot, words, logins=2):
    """Until it is back. What resumption.cpp has said by then."""
    bot.wait_event("connected", 60, count=logins)
    check(words in bot.log.read_text(errors="replace").splitlines(), f"{bot.name}: not \"{words}\"\n{bot.tail()}")


class Bots:
    """A receiver, and a sender to be started, of whom the one that is to be cut is behind a line of its own."""

    def __init__(self, server, cut, name, *options):
        self.server, self.cut, self.name = server, cut, name
        self.line = Line(server)
        self.receiver = self._start("receiver", lambda: server.receiver("juliet", "--resume", *options, resource=f"r-{cut}-{name}"))
        self.sender = None

    def send(self, *arguments, **more):
        """The session id of the (first) offer."""
        jid = self.receiver.jid()
        self.sender = self._start("sender", lambda: self.server.sender("romeo", jid, "--resume", *arguments, resource=f"s-{self.cut}-{self.name}", **more))
        return self.sender.wait_event("offer", 30)["sid"]

    def victim(self):
        return self.sender if self.cut == "sender" else self.receiver

    def _start(self, which, make):
        with self.line if which == self.cut else contextlib.nullcontext():
            return make()

    def live(self):
        lives(self.server, self.receiver, f"{self.cut}-{self.name}")
        self.receiver.stop()


def while_open(server, cut, name):
    bots = Bots(server, cut, name, *SLOW)
    original = server.make_file(4 * MIB, f"{cut}-{name}")
    moving(bots.receiver, bots.send(*OPEN[name], *SLOW, original))
    bots.line.cut()
    told(bots.victim(), "stream resumed")
    done = arrived(bots.sender, bots.receiver, original)
    # A SOCKS5 stream is beside the server and goes on without it.
    check(done["streams"] == (2 if name == "in-band" else 1), f"{name}: {done}")
    bots.live()


def both_hear(bots, second):
    """Each of one end of the first file, which no timer has made; then the second one arrives."""
    bots.sender.wait_event("error", 120)
    bots.receiver.wait_event("error", 120)
    arrived_second(bots, second)
    ours, theirs = one_error(bots.sender), one_error(bots.receiver)
    print("  ", ours["cause"], "/", theirs["cause"], flush=True)
    check("timeout" not in (ours["cause"], theirs["cause"]), f"{ours}, {theirs}")
    bots.live()


def arrived_second(bots, second):
    done = bots.sender.wait_event("done", 60)
    received = bots.receiver.wait_event("done", 60, sha256=done["sha256"])
    check(sha256(bots.receiver.folder / received["path"]) == sha256(second), "another file arrived")
    bots.sender.wait_exit(30)


def two_files(server, name):
    return [server.make_file(MIB, f"{name}-{number}") for number in ("first", "second")]


def while_offered(server):
    bots = Bots(server, "sender", "offered")
    files = two_files(server, "offered")
    bots.receiver.jid()
    with stopped(bots.receiver):
        bots.send(*files)
        bots.line.cut()
        told(bots.sender, "stream resumed")
    both_hear(bots, files[1])


def while_connecting(server, cut):
    bots = Bots(server, cut, "connecting")
    files = two_files(server, f"{cut}-connecting")
    with MuteHost() as host:
        sid = bots.send("--no-direct", "--proxy", "none", "--streamhost", host.streamhost, *files, listen=False)
        bots.receiver.wait_event("attempt", 30, sid=sid)
        bots.line.cut()
        told(bots.victim(), "stream resumed")
        bots.sender.wait_event("error", 120)
        bots.receiver.wait_event("error", 120)
    both_hear(bots, files[1])   # the host is gone, so the second one comes in-band


def offered_to_the_absent(server):
    """The server keeps the offer until the receiver is back."""
    bots = Bots(server, "receiver", "absent")
    original = server.make_file(MIB, "absent")
    bots.receiver.jid()
    bots.line.cut(mended=False)
    bots.send(original)
    bots.line.mend()
    told(bots.receiver, "stream resumed")
    arrived(bots.sender, bots.receiver, original)
    bots.receiver.stop()


def server_forgets(server):
    """It was restarted meanwhile, and knows nothing of the stream that is to be resumed."""
    bots = Bots(server, "sender", "forgotten", *SLOW)
    original = server.make_file(4 * MIB, "forgotten")
    moving(bots.receiver, bots.send(*OPEN["in-band"], *SLOW, original))
    server.restart()
    told(bots.sender, "stream not resumed")
    arrived(bots.sender, bots.receiver, original)
    bots.live()


def scenario(server):
    for cut in ("sender", "receiver"):
        for name in OPEN:
            print(f"open, {name}, the {cut} is cut", flush=True)
            while_open(server, cut, name)
        print(f"connecting, the {cut} is cut", flush=True)
        while_connecting(server, cut)
    print("offered, the sender is cut", flush=True)
    while_offered(server)
    print("the receiver is cut, and is offered something", flush=True)
    offered_to_the_absent(server)
    print("the server has forgotten the stream", flush=True)
    server_forgets(server)


run_scenario(scenario, modules=Line.MODULES)
