# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-1, INT-5, INT-6: bots in the shape of gloox's examples exchange a file with either profile type at either end, and fall back with ours at both"""

from harness import check, free_ports, run_scenario, sha256

KINDS = ("stock", "multiple")


def transfer(server, sends, takes, method):
    what = f"{sends} to {takes} by {method}"
    original = server.make_file(300001, f"{sends}-{takes}-{method}.bin")
    receiver = server.pattern(takes, "juliet", "--method", method, resource=f"r-{sends}-{method}")
    sender = server.pattern(sends, "romeo", "--to", receiver.jid(), "--file", original, resource=f"s-{takes}-{method}")
    stored = receiver.wait_event("stored", 60)["path"]
    check(sha256(stored) == sha256(original), f"{what}: the file that arrived is another one")
    for bot in (sender, receiver):
        check(bot.wait_exit(30) == 0, f"{what}: {bot.name} has exit status {bot.popen.returncode}\n{bot.tail()}")
        check([event["method"] for event in bot.find("open")] == [method], f"{what}: {bot.name}: {bot.events}")
        check(len(bot.find("stream")) == 1 and len(bot.find("closed")) == 1, f"{what}: {bot.name}: {bot.events}")
        for name in ("refused", "broken", "lost", "unreachable"):
            check(not bot.find(name), f"{what}: {bot.name}: {bot.events}")


def decline(server, sends, takes):
    receiver = server.pattern(takes, "juliet", "--decline", resource=f"n-{sends}")
    sender = server.pattern(sends, "romeo", "--to", receiver.jid(), "--file", server.make_file(10), resource=f"n-{takes}")
    refused = sender.wait_event("refused", 30)
    # gloox::StanzaErrorForbidden
    check(refused["condition"] == "3", f"{sends} to {takes}: refused with {refused}")
    check(sender.wait_exit(30) == 1 and not sender.find("stream"), f"{sends} to {takes}: {sender.events}")
    receiver.stop()


def fallback(server):
    original = server.make_file(300001, "fallback.bin")
    receiver = server.pattern("multiple", "juliet", "--method", "s5b", resource="r-fallback")
    sender = server.pattern("multiple", "romeo", "--to", receiver.jid(), "--file", original, "--streamhost-port",
                            free_ports(1)[0], resource="s-fallback")
    stored = receiver.wait_event("stored", 60)["path"]
    check(sha256(stored) == sha256(original), "fallback: the file that arrived is another one")
    for bot in (sender, receiver):
        check(bot.wait_exit(30) == 0, f"fallback: {bot.name} has exit status {bot.popen.returncode}\n{bot.tail()}")
        check(len(bot.find("open")) == 1, f"fallback: {bot.name}: {bot.events}")
    # The receiver may have reached the server's proxy, and then the change happens beneath its open stream (NEG-24).
    check(sender.find("stream", method="s5b") and sender.find("open", method="ibb"), f"fallback: {sender.events}")


def scenario(server):
    for sends in KINDS:
        for takes in KINDS:
            for method in ("s5b", "ibb"):
                transfer(server, sends, takes, method)
            decline(server, sends, takes)
    fallback(server)


run_scenario(scenario)
