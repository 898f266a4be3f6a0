# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong around two bots: processes that die or stop, a server that comes back, a network that is cut."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

from harness import check, sha256, skip

MIB = 1 << 20
CLONE_NEWNET = 0x40000000
SLOW = ("--limit", "2M")

# The states that can be held from outside, and the sender's options that lead there.
OPEN = {
    "direct": ("--methods", "s5b"),
    "proxied": ("--methods", "s5b", "--no-direct"),
    "in-band": ("--methods", "ibb"),
}


class MuteHost:
    """A host that takes connections and says nothing: whoever is told to try it is connecting for a while."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.streamhost = "romeo@localhost/mute,127.0.0.1,%d" % self._listener.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()


def moving(receiver, sid):
    """Until the file of this session is under way."""
    receiver.wait_event("open", 60, sid=sid)
    receiver.wait_event("progress", 60, sid=sid)


def arrived(sender, receiver, original, timeout=120):
    """The sender is done and well, and what it has sent is on the receiver's disk."""
    done = sender.wait_event("done", timeout)
    received = receiver.wait_event("done", timeout, sha256=done["sha256"])
    status = sender.wait_exit(30)
    check(status == 0, f"exit status {status}\n{sender.tail()}\n{receiver.tail()}")
    check(sha256(receiver.folder / received["path"]) == sha256(original), "another file arrived")
    return done


def one_error(bot, sid=None):
    """The one error that a bot has told, of this session; what it says."""
    errors = bot.find("error", **({"sid": sid} if sid else {}))
    check(len(errors) == 1, f"{bot.name}: not one error: {errors}\n{bot.tail()}")
    return errors[0]


def lives(server, receiver, name):
    """The receiver takes the next file as if nothing had been."""
    check(receiver.running(), f"the receiver has ended\n{receiver.tail()}")
    original = server.make_file(200000, f"next-{name}")
    arrived(server.sender("romeo", receiver.jid(), original, resource=f"next-{name}"), receiver, original)


def kill(bot):
    bot.popen.send_signal(signal.SIGKILL)
    check(bot.wait_exit(10) == -signal.SIGKILL, "not killed")


def standing_still(bot):
    """Until it tells of no more progress: what was on its way when something stopped has arrived."""
    seen = -1
    while len(bot.find("progress")) != seen:
        seen = len(bot.find("progress"))
        time.sleep(1)  # there is no other way to wait for what does not happen


@contextlib.contextmanager
def stopped(bot):
    """As a debugger or a full machine does it: the process does nothing, its sockets are there."""
    bot.popen.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        if bot.running():
            bot.popen.send_signal(signal.SIGCONT)


class Line:
    """Between the programs that are started in it and the server, whose streams gloox resumes (resumption.cpp).

    with Line(server) as line:
        sender = server.sender(…)
    line.cut()
    """

    MODULES = ("smacks",)
    OPTIONS = ":verify_asan_link_order=0:detect_leaks=0"   # gloox loses what its queue has no number for (GLOOX-NOTES 17e)

    def __init__(self, server):
        self._resumption = pathlib.Path(os.environ["STOCK"]).parent.parent / "faults" / "libresumption.so"
        if not self._resumption.exists():
            skip(f"{self._resumption} was not built")
        self._server = server
        self._target = server.c2s_port
        self._up = True
        self._ends = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        self._before = {name: os.environ.get(name) for name in ("LD_PRELOAD", "ASAN_OPTIONS")}
        os.environ["LD_PRELOAD"] = str(self._resumption)
        os.environ["ASAN_OPTIONS"] = (self._before["ASAN_OPTIONS"] or "") + self.OPTIONS
        self._server.c2s_port = self._listener.getsockname()[1]
        return self

    def __exit__(self, *_):
        self._server.c2s_port = self._target
        for name, value in self._before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

    def cut(self, mended=True):
        """All connections end, and whatever is on its way on them is lost. mended: new ones are taken at once."""
        with self._lock:
            self._up = mended
            self._hang_up(self._ends)
            self._ends = []

    def mend(self):
        with self._lock:
            self._up = True

    def _serve(self):
        while True:
            near, _ = self._listener.accept()
            with self._lock:
                if not self._up:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self._target), 10)
                except OSError:   # the server is being restarted
                    near.close()
                    continue
                self._ends += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source, target):
        try:
            while block := source.recv(65536):
                target.sendall(block)
        except OSError:
            pass
        self._hang_up((source, target))

    @staticmethod
    def _hang_up(ends):
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass   # it has ended by itself


class Cable:
    """Two network namespaces with a cable between them. `near` is where the scenario itself lives from here on, `far` has an address only."""

    NEAR, FAR = "198.18.0.1", "198.18.0.2"   # of the block for measurements between devices (RFC 2544)

    def __init__(self):
        self._name = f"si-multiple-{os.getpid()}"
        self._outside = None
        self._here = None

    def __enter__(self):
        if os.geteuid() != 0 or not shutil.which("ip"):
            skip("network namespaces take root and iproute2 (Debian: apt install iproute2)")
        self._outside = os.open("/proc/self/ns/net", os.O_RDONLY)
        if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
            skip("the kernel gives no network namespaces here")
        self._here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._run("ip", "netns", "add", self._name)
            self._run("ip", "link", "set", "lo", "up")
            self._connect()
            self._run("ip", "address", "add", f"{self.NEAR}/24", "dev", "near")
            self._run("ip", "link", "set", "near", "up")
            for command in (("link", "set", "lo", "up"), ("address", "add", f"{self.FAR}/24", "dev", "far"), ("link", "set", "far", "up")):
                self._run("ip", "-n", self._name, *command)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", self._name], capture_output=True, check=False)
        ctypes.CDLL(None).setns(self._outside, CLONE_NEWNET)
        for file in (self._here, self._outside):
            os.close(file)

    def _connect(self):
        """Makes the devices `near`, here, and `far`, there."""
        self._run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", self._name)

    @property
    def near_end(self):
        """A file that is our network namespace."""
        return f"/proc/{os.getpid()}/fd/{self._here}"

    @contextlib.contextmanager
    def there(self):
        """What this thread opens or starts meanwhile is at the far end."""
        there = os.open(f"/run/netns/{self._name}", os.O_RDONLY)
        try:
            ctypes.CDLL(None).setns(there, CLONE_NEWNET)
            yield
        finally:
            ctypes.CDLL(None).setns(self._here, CLONE_NEWNET)
            os.close(there)

    def receiver(self, server, name, *arguments):
        """si-multiple-receive at the far end."""
        with self.there():
            return server.receiver(name, "--host", self.NEAR, *arguments)

    @classmethod
    def listening(cls):
        """A sender's options: its listener is at the near end of the cable."""
        return "--listen", f"{cls.NEAR}:0"

    @classmethod
    def server_settings(cls):
        """Prosody's, so that both ends reach it."""
        return f'c2s_interfaces = {{ "127.0.0.1", "{cls.NEAR}" }}'

    def cut(self):
        self._run("ip", "link", "set", "near", "down")

    def mend(self):
        self._run("ip", "link", "set", "near", "up")

    @staticmethod
    def _run(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            skip(f"{' '.join(command)}: {done.stderr.strip()}")
