# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away Prosody on loopback, and the sample programs as processes that talk through it.

    with Prosody() as server:
        receiver = server.receiver("juliet", "--accept", "all", "--once", "1")
        sender = server.sender("romeo", receiver.jid(), server.make_file(65536))
        sender.wait_event("done", 30)
        assert sender.wait_exit(10) == 0

Everything that was started is stopped, by its process id, and everything written is removed when the block is left.
Nothing here needs more than Python's own library; nothing sleeps for a guessed time.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

DOMAIN = "localhost"
PROXY = "proxy.localhost"
COMPONENT = "gateway.localhost"
SECRET = "secret"
ACCOUNTS = ("romeo", "juliet", "mallory")
LOOPBACK = "127.0.0.0/8"
SKIPPED = 77

CONFIG = """
run_as_root = true
daemonize = false
pidfile = "{dir}/prosody.pid"
data_path = "{dir}/data"
certificates = "{dir}/certs"
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{dir}/prosody.log" }} }}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "presence", "message", "iq", "ping", "pep"{modules} }}
modules_disabled = {{ "s2s", "offline" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{ }}
s2s_ports = {{ }}
s2s_direct_tls_ports = {{ }}
http_ports = {{ }}
https_ports = {{ }}
component_ports = {{ {component} }}
component_interfaces = {{ "127.0.0.1" }}
proxy65_ports = {{ {proxy65} }}
proxy65_interfaces = {{ "127.0.0.1" }}
c2s_require_encryption = true
ssl = {{ certificate = "{dir}/certs/server.pem"; key = "{dir}/certs/server.key"; }}
authentication = "internal_plain"
storage = "internal"
network_settings = {{ max_send_buffer_size = 1024*1024*1024 }}
{settings}
VirtualHost "{domain}"
Component "{proxy}" "proxy65"
  proxy65_address = "127.0.0.1"
  proxy65_acl = {{ "{domain}", "{gateway}" }}
Component "{gateway}"
  component_secret = "{secret}"
"""


class Failure(Exception):
    """Something did not happen in time, or other things did."""


class Skipped(SystemExit):
    """Something is missing that it takes. Ends a scenario so that ctest shows it as skipped."""

    def __init__(self, reason):
        super().__init__(SKIPPED)
        self.reason = reason


def skip(reason):
    """Ends the scenario, and says why."""
    print(f"SKIPPED: {reason}", file=sys.stderr, flush=True)
    raise Skipped(reason)


def check(condition, message):
    """An assertion that python -O does not remove."""
    if not condition:
        raise Failure(message)


def sha256(path):
    """The digest of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def make_file(path, size):
    """Writes size bytes that do not repeat; returns the path."""
    with open(path, "wb") as file:
        while size > 0:
            block = os.urandom(min(size, 1 << 20))
            file.write(block)
            size -= len(block)
    return pathlib.Path(path)


def free_ports(count):
    """Ports on 127.0.0.1 that were free a moment ago, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


def allowed(network):
    return ["--allow-host", network] if network else []


def find_prosody():
    """The server's program, or None. Debian keeps it out of an ordinary user's way on some systems."""
    return shutil.which("prosody") or shutil.which("prosody", path="/usr/bin:/usr/sbin:/usr/local/bin")


class Process:
    """A child whose end is waited for, never guessed."""

    def __init__(self, command, log, stdout=None, env=None, cwd=None):
        self.log = pathlib.Path(log)
        with open(self.log, "wb") as errors:
            # A group of its own: an interrupt at the terminal reaches us, and we end our children.
            self.popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout or errors, stderr=errors,
                                          env=env, cwd=cwd, start_new_session=True)

    def running(self):
        return self.popen.poll() is None

    def wait_exit(self, timeout):
        """The exit status; a process ended by a signal has a negative one."""
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.popen.args[0]} did not end within {timeout} s\n{self.tail()}") from None

    def stop(self, how=signal.SIGTERM, patience=10):
        """Asks the process to end, and makes it end if it does not."""
        if self.running():
            self.popen.send_signal(how)
            try:
                self.popen.wait(patience)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        return self.popen.returncode

    def tail(self, lines=40):
        """The end of what it wrote to its log."""
        text = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    | {line}" for line in text[-lines:])


class Bot(Process):
    """si-multiple-send or si-multiple-receive, with --json."""

    def __init__(self, server, program, name, arguments, resource=None):
        self.name = name
        self.events = []
        self.noise = []
        self._news = threading.Condition()
        self._finished = False
        environment = dict(os.environ, XMPP_PASSWORD=SECRET)
        suppressions = pathlib.Path(__file__).with_name("lsan.supp")
        environment["LSAN_OPTIONS"] = f"suppressions={suppressions}:print_suppressions=0"
        account = f"{name}@{DOMAIN}" + (f"/{resource}" if resource else "")
        command = [str(program), "--jid", account, "--host", "127.0.0.1", "--port", str(server.c2s_port),
                   "--tls", "required", "--ca-file", str(server.ca_file), "--json", *map(str, arguments)]
        super().__init__(command, server.new_log(pathlib.Path(program).name), subprocess.PIPE, environment, server.dir)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.popen.stdout:
            text = line.decode("utf-8", "replace").rstrip("\n")
            try:
                event = json.loads(text)
                if next(iter(event)) != "event":
                    raise ValueError(text)
            except (ValueError, TypeError, StopIteration):
                event = None
            with self._news:
                (self.events if event else self.noise).append(event or text)
                self._news.notify_all()
        with self._news:
            self._finished = True
            self._news.notify_all()

    def find(self, name, **wanted):
        """All events so far of this name, with these members."""
        with self._news:
            return self._matching(name, wanted)

    def wait_event(self, name, timeout=30, count=1, **wanted):
        """The count-th event of that name with these members; waits for it."""
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                found = self._matching(name, wanted)
                if len(found) >= count:
                    return found[count - 1]
                left = deadline - time.monotonic()
                if self._finished or left <= 0:
                    why = "ended without it" if self._finished else f"not within {timeout} s"
                    seen = "\n".join(f"    > {event}" for event in self.events if event["event"] != "progress")
                    raise Failure(f"{self.name} ({pathlib.Path(self.popen.args[0]).name}): no event {name} {wanted}: "
                                  f"{why}\n{seen}\n{self.tail()}")
                self._news.wait(left)

    def sees(self, name, seconds):
        """Waits so long at most. Whether there is such an event by then, or never will be, because the bot has ended."""
        with self._news:
            return self._news.wait_for(lambda: self._finished or self._matching(name, {}), seconds)

    def _matching(self, name, wanted):
        return [event for event in self.events if event["event"] == name
                and all(event.get(key) == value for key, value in wanted.items())]

    def wait_exit(self, timeout):
        status = super().wait_exit(timeout)
        self._reader.join(timeout)
        # With --json, standard output holds JSON and nothing else.
        check(not self.noise, f"{self.name}: not JSON on standard output: {self.noise}")
        return status

    def jid(self, timeout=30):
        """The full JID, once the server has said what it is."""
        return self.wait_event("connected", timeout)["jid"]


class Prosody:
    """A server of its own: random ports, its own certificate authority, accounts that all know each other."""

    def __init__(self, accounts=ACCOUNTS, contacts=True, send=None, receive=None, keep=False, modules=(), settings=""):
        self.modules = modules
        self.settings = settings
        self.accounts = accounts
        self.contacts = contacts
        self.send_program = send or os.environ.get("SEND", "si-multiple-send")
        self.receive_program = receive or os.environ.get("RECEIVE", "si-multiple-receive")
        self.keep = keep or bool(os.environ.get("KEEP"))
        self.dir = None
        self.process = None
        self.bots = []
        self._logs = 0

    def __enter__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="si-multiple-"))
        try:
            self._start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, value, trace):
        for bot in self.bots:
            bot.stop()
        if self.process:
            self.process.stop()
        if self.keep:
            print(f"kept: {self.dir}", file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    # What scenarios use

    def receiver(self, name, *arguments, resource="receiver", allow=LOOPBACK):
        """si-multiple-receive, with a directory of its own: bot.folder. allow: a network that the filter of addresses lets through, or None."""
        folder = self.dir / f"inbox-{len(self.bots)}"
        folder.mkdir()
        bot = self._bot(self.receive_program, name, ["--dir", folder, *allowed(allow)], arguments, resource)
        bot.folder = folder
        return bot

    def sender(self, name, to, *arguments, resource="sender", listen=True):
        """si-multiple-send. arguments: options as text, files as paths. Its listener is on loopback unless listen is False."""
        options = ["--allow-host", LOOPBACK] + (["--listen", "127.0.0.1:0"] if listen else [])
        files = [argument for argument in arguments if isinstance(argument, pathlib.Path)]
        rest = [argument for argument in arguments if not isinstance(argument, pathlib.Path)]
        return self._bot(self.send_program, name, options + rest, [to, *files], resource)

    def tube(self, name, *arguments, resource="tube", allow=LOOPBACK):
        """si-multiple-tube; arguments: options, then share or join with its own."""
        return self._bot(os.environ.get("TUBE", "si-multiple-tube"), name,
                         [*allowed(allow), "--listen", "127.0.0.1:0"], arguments, resource)

    def stock(self, name, *arguments, resource="stock"):
        """A peer of gloox alone: tests/prosody/stock_peer.cpp. What it stores is in bot.folder."""
        folder = self.dir / f"stock-{len(self.bots)}"
        folder.mkdir()
        bot = self._bot(os.environ.get("STOCK", "stock_peer"), name, ["--dir", folder], arguments, resource)
        bot.folder = folder
        return bot

    def pattern(self, kind, name, *arguments, resource):
        """tests/prosody/ft_pattern.cpp with gloox's profile ("stock") or ours ("multiple"). What it stores is in bot.folder."""
        folder = self.dir / f"pattern-{len(self.bots)}"
        folder.mkdir()
        program = os.environ.get(f"FT_PATTERN_{kind.upper()}", f"ft_pattern_{kind}")
        bot = self._bot(program, name, ["--dir", folder], arguments, resource)
        bot.folder = folder
        return bot

    def run(self, program, *arguments, timeout=30):
        """Runs a program as it is, to its end: exit status, standard output, standard error."""
        done = subprocess.run([program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, cwd=self.dir, check=False,
                              env=dict(os.environ, XMPP_PASSWORD=SECRET))
        return done.returncode, done.stdout, done.stderr

    def restart(self):
        """Ends the server as a crash does, and starts it again on the same ports."""
        self.process.stop(signal.SIGKILL)
        config = self.dir / "prosody.cfg.lua"
        self.process = Process([find_prosody(), "-F", "--config", str(config)], self.new_log("prosody"))
        check(self._ready(30), f"Prosody does not start again\n{self.process.tail()}")

    def make_file(self, size, name="file.bin"):
        return make_file(self.dir / name, size)

    def new_log(self, name):
        self._logs += 1
        return self.dir / f"{self._logs:02}-{name}.log"

    # How it comes about

    def _bot(self, program, name, first, last, resource):
        bot = Bot(self, program, name, [*first, *last], resource)
        self.bots.append(bot)
        return bot

    def _start(self):
        prosody = find_prosody()
        if not prosody or not shutil.which("openssl"):
            raise Failure("prosody and openssl are needed (Debian: apt install prosody openssl)")
        self._make_certificates()
        self._make_accounts()
        # A port may be taken between looking and listening: then it is looked for again.
        for attempt in range(5):
            self.c2s_port, self.proxy_port, self.component_port = free_ports(3)
            config = self.dir / "prosody.cfg.lua"
            config.write_text(CONFIG.format(dir=self.dir, c2s=self.c2s_port, proxy65=self.proxy_port, domain=DOMAIN,
                                            component=self.component_port, proxy=PROXY, gateway=COMPONENT,
                                            secret=SECRET, settings=self.settings,
                                            modules="".join(f', "{module}"' for module in self.modules)))
            self.process = Process([prosody, "-F", "--config", str(config)], self.new_log("prosody"))
            if self._ready(30):
                return
            self.process.stop()
        log = self.dir / "prosody.log"
        raise Failure(f"Prosody does not start\n{self.process.tail()}\n{log.read_text() if log.exists() else ''}")

    def _ready(self, timeout):
        """Whether all three ports take connections. False if the server ended."""
        deadline = time.monotonic() + timeout
        for port in (self.c2s_port, self.proxy_port, self.component_port):
            while True:
                if not self.process.running() or time.monotonic() > deadline:
                    return False
                with socket.socket() as sock:
                    if sock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                # Nothing tells when a port opens; this is a poll, and the deadline above ends it.
                self._pause(0.05)
        return True

    def _pause(self, seconds):
        try:
            self.process.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def _openssl(self, *arguments):
        result = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, cwd=self.dir / "certs", check=False)
        check(result.returncode == 0, f"openssl {arguments[0]}: {result.stderr}")

    def _make_certificates(self):
        """An authority that lives as long as this object, and the server's certificate signed by it."""
        certs = self.dir / "certs"
        certs.mkdir()
        self.ca_file = certs / "ca.pem"
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        self._openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=throw-away authority", "-keyout", "ca.key",
                      "-out", "ca.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._openssl("req", *key, "-subj", f"/CN={DOMAIN}", "-keyout", "server.key", "-out", "server.csr")
        (certs / "server.ext").write_text(f"subjectAltName=DNS:{DOMAIN},DNS:{PROXY}\nbasicConstraints=critical,CA:FALSE\n"
                                          "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n")
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", "server.ext", "-out", "server.pem")

    def _make_accounts(self):
        """Prosody's own files: what prosodyctl would write, in a moment instead of a second each."""
        for kind in ("accounts", "roster"):
            (self.dir / "data" / DOMAIN / kind).mkdir(parents=True)
        for name in self.accounts:
            base = self.dir / "data" / DOMAIN
            (base / "accounts" / f"{name}.dat").write_text(f'return {{ ["password"] = "{SECRET}"; }};\n')
            if self.contacts:
                entries = "".join(f'["{other}@{DOMAIN}"] = {{ ["subscription"] = "both"; ["groups"] = {{ }}; }};\n'
                                  for other in self.accounts if other != name)
                (base / "roster" / f"{name}.dat").write_text(
                    f'return {{ [false] = {{ ["version"] = 1; }};\n{entries} }};\n')


class Transfer:
    """One file from romeo to juliet: sent, and compared on the disk. sender, receiver: further options."""

    def __init__(self, server, size, sender=(), receiver=(), listen=True):
        self.size = size
        self.original = server.make_file(size, f"file-{len(server.bots)}.bin")
        # A resource of its own, so that several run side by side.
        self.receiver = server.receiver("juliet", "--once", 1, *receiver, resource=f"receiver{len(server.bots)}")
        self.sender = server.sender("romeo", self.receiver.jid(), *sender, self.original,
                                    resource=f"sender{len(server.bots)}", listen=listen)

    def wait(self, timeout=60):
        """Until both ends are done; fails if anything but success comes out."""
        self.opened = self.sender.wait_event("open", timeout)
        self.done = self.sender.wait_event("done", timeout)
        self.received = self.receiver.wait_event("done", timeout)
        self.statuses = self.sender.wait_exit(30), self.receiver.wait_exit(30)
        check(self.statuses == (0, 0), f"exit status {self.statuses}\n{self.sender.tail()}\n{self.receiver.tail()}")
        return self

    @property
    def method(self):
        return self.opened["method"]

    @property
    def dialect(self):
        return self.sender.find("accepted")[0]["dialect"]

    @property
    def fallbacks(self):
        """The methods that failed, in order."""
        return [event["method"] for event in self.sender.find("failed")]

    @property
    def equal(self):
        """What counts is the file on the disk; the programs' own digests have to agree with it."""
        return len({sha256(self.original), sha256(self.receiver.folder / self.received["path"]),
                    self.done["sha256"], self.received["sha256"]}) == 1


def expect(transfer, method, dialect="si-multiple", fallbacks=(), timeout=60):
    """Waits for a transfer and says how it differs from what was wanted."""
    transfer.wait(timeout)
    check(transfer.equal, f"the file of {transfer.size} bytes that arrived is another one")
    for name, value, wanted in (("method", transfer.method, method), ("dialect", transfer.dialect, dialect),
                                ("failed methods", transfer.fallbacks, list(fallbacks))):
        check(value == wanted, f"{name}: {value}, wanted: {wanted}")
    receiver = transfer.receiver.wait_event("open", 1)["method"]
    check(receiver == method, f"the receiver has {receiver}, wanted: {method}")


def expect_error(sender, cause, status, timeout=60):
    """A program with one transfer that ends with this cause, says so once, and has this exit status."""
    ended = sender.wait_exit(timeout)
    causes = [event["cause"] for event in sender.find("error")]
    check(causes == [cause], f"{sender.name}: error events {causes}, wanted: one {cause}\n{sender.tail()}")
    check(ended == status, f"{sender.name}: exit status {ended}, wanted: {status}\n{sender.tail()}")
    check(not sender.find("done"), f"{sender.name} calls it done")


def expect_one_line(bot, wanted):
    """A program that has ended: one line on standard error, by its name, that holds these words."""
    lines = bot.log.read_text(errors="replace").splitlines()
    name = pathlib.Path(bot.popen.args[0]).name
    check(len(lines) == 1 and lines[0].startswith(f"{name}: ") and wanted in lines[0],
          f"not one line with \"{wanted}\"\n{bot.tail()}")


@contextlib.contextmanager
def mounted(folder, options):
    """A file system in memory of its own; skips the scenario where that is not allowed."""
    folder.mkdir()
    if os.geteuid() != 0:
        skip("only root can mount a file system")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], stdin=subprocess.DEVNULL, check=True)


def run_scenario(function, **options):
    """Runs a scenario: function( server ). Prints why it failed. options are Prosody's."""
    if not find_prosody():
        skip("prosody is not installed (Debian: apt install prosody)")
    if not shutil.which("openssl"):
        skip("openssl is not installed (Debian: apt install openssl)")
    # Ended from outside, everything that was started is still stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Prosody(**options) as server:
            function(server)
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)
