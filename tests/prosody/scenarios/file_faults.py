# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-13: whatever happens to the file on either disk, both sides hear the same cause, and no wrong file has the name"""

import os

from harness import check, run_scenario

MIB = 1 << 20
SLOW = ["--limit", "2M"]


def part(receiver):
    """The hidden file in which the receiver collects."""
    return next(path for path in receiver.folder.iterdir() if ".part-" in path.name)


def vanishes(_, receiver):
    part(receiver).unlink()


def loses_its_directory(_, receiver):
    # Permissions do not stop root; a directory that is gone stops everybody.
    os.link(part(receiver), receiver.folder.parent / f"kept-{receiver.folder.name}")
    part(receiver).unlink()
    receiver.folder.rmdir()


def shrinks(original, _):
    os.truncate(original, MIB)


def is_changed_in_place(original, _):
    with open(original, "r+b") as file:
        file.seek(-10, os.SEEK_END)
        file.write(b"otherwords")


# What happens, the cause, whose it is, and the exit status of sender and receiver.
CASES = (
    (vanishes, "storage-failed", "receiver", 5, 8),
    (loses_its_directory, "storage-failed", "receiver", 5, 8),
    (shrinks, "source-changed", "sender", 8, 5),
    (is_changed_in_place, "digest-mismatch", "receiver", 6, 6),
)


def run(server, method, fault, cause, whose, *statuses):
    name = f"{fault.__name__}-{method}"
    original = server.make_file(6 * MIB, name)
    receiver = server.receiver("juliet", "--once", 1, "--methods", method, "--resume", *SLOW, resource=name)
    sender = server.sender("romeo", receiver.jid(), "--resume", original, resource=name)
    receiver.wait_event("progress", 30, count=2)
    fault(original, receiver)
    ended = sender.wait_exit(60), receiver.wait_exit(60)
    check(ended == statuses, f"{name}: exit status {ended}, wanted: {statuses}\n{sender.tail()}\n{receiver.tail()}")
    for bot, side in ((sender, "sender"), (receiver, "receiver")):
        errors = [(event["why"], event["by"]) for event in bot.find("error")]
        check(errors == [(cause, "us" if side == whose else "peer")], f"{name}: the {side} says {errors}\n{bot.tail()}")
        check(not bot.find("done") and not bot.find("interrupted"), f"{name}: {bot.events}")
    left = [path.name for path in receiver.folder.iterdir()] if receiver.folder.exists() else []
    check(not left, f"{name}: left behind: {left}")


def scenario(server):
    for method in ("s5b", "ibb"):
        for case in CASES:
            print(f"{case[0].__name__} {method}", flush=True)
            run(server, method, *case)


run_scenario(scenario)
