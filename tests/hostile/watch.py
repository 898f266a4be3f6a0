# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bot holds from the outside: descriptors, resident memory, and whether it ended well.

    watch = Watch(bot)
    before = watch.descriptors()
    ...
    watch.back_to(before)
"""

import collections
import os
import pathlib
import re
import signal
import time

from harness import check

# Freed memory that AddressSanitizer holds back looks like growth; some of it is enough to see what uses memory after its end.
os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=4:thread_local_quarantine_size_kb=256:detect_stack_use_after_return=1:exitcode=99"
os.environ["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1:exitcode=99"


class Watch:
    """One bot. patience: for how long it may take to let go of what it held."""

    def __init__(self, bot, patience=20):
        self.bot = bot
        self.patience = patience
        self._process = pathlib.Path("/proc") / str(bot.popen.pid)

    def descriptors(self):
        """How many of each kind: sockets, pipes, files by their paths."""
        kinds = collections.Counter()
        for entry in (self._process / "fd").iterdir():
            try:
                kinds[re.sub(r"\[\d+\]", "", os.readlink(entry))] += 1
            except FileNotFoundError:
                pass  # closed meanwhile
        return kinds

    def back_to(self, before):
        """Waits until the bot holds no descriptor beyond those; fails if it does not come to that."""
        deadline = time.monotonic() + self.patience
        while left := self.descriptors() - before:
            check(time.monotonic() < deadline, f"descriptors: {dict(left)} are left")
            # Nothing tells when a descriptor is closed; this is a poll, and the deadline above ends it.
            time.sleep(0.02)

    def resident(self):
        """Resident memory in KiB."""
        return int(re.search(r"VmRSS:\s*(\d+)", (self._process / "status").read_text()).group(1))

    def as_before(self, descriptors, resident):
        """Waits until the bot holds no further descriptor; fails if it does not come to that, or if its memory has grown by 16 MiB."""
        self.back_to(descriptors)
        grown = self.resident() - resident
        check(grown < 16384, f"resident memory has grown by {grown} KiB")

    def flat(self, play, most, times=3):
        """Plays it again and again: what one more time adds to the resident memory, in KiB, is at most that much. What AddressSanitizer holds back comes
        to its highest some time, and not always by the first one; what is lost is lost each time."""
        play()
        for _ in range(times):
            before = self.resident()
            play()
            grown = self.resident() - before
            print(f"{self.bot.name}: {before} KiB, and {grown:+} KiB by one more time")
            if grown <= most:
                return
        check(False, f"{self.bot.name}: {grown} KiB more than the {before} KiB before, at most {most} are expected")

    def ended_once(self, sids):
        """GEN-10: of each of these sessions the bot has said exactly once that it is over."""
        ends = collections.Counter(event.get("sid") for event in self.bot.find("done") + self.bot.find("error"))
        wrong = {sid: ends[sid] for sid in sids if ends[sid] != 1}
        check(not wrong, f"sessions and how often their end was reported: {wrong}")

    def stop(self):
        """Interrupts the bot. Whatever its transfers came to, no sanitizer has anything to say."""
        status = self.bot.stop(signal.SIGINT, 60)
        check(0 <= status <= 8, f"{self.bot.name}: exit status {status}\n{self.bot.tail(60)}")
        check(not self.bot.noise, f"{self.bot.name}: not JSON on standard output: {self.bot.noise}")
