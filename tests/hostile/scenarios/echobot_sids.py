# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GEN-2: with the plugin beside gloox's own profile, whoever uses somebody else's sid neither ends nor fills his download"""

import os
import time

from bodies import close, data, file, form, offer, opening
from crowd import Crowd
from harness import DOMAIN, SECRET, Failure, Process, check, run_scenario, sha256
from peer import IBB

CONTENT = b"0123456789"
HALF = len(CONTENT) // 2


def says(member, to, body, *wanted):
    said = member.answer(member.ask(to, body))
    check(said in wanted, f"{said}, wanted: {' or '.join(wanted)}, to {body[:300]}")


def wait_text(bot, text, count=1):
    """Until the bot has printed this line so many times."""
    deadline = time.monotonic() + 30
    while bot.log.read_text().splitlines().count(text) < count:
        if time.monotonic() > deadline or not bot.running():
            raise Failure(f"the bot did not print {text}\n{bot.tail()}")
        time.sleep(0.02)


def scenario(server):
    crowd = Crowd(server)
    folder = server.dir / "inbox"
    folder.mkdir()
    to = f"juliet@{DOMAIN}/echobot"
    command = [os.environ.get("ECHOBOT", "echobot_multiple"), "--jid", to, "--dir", str(folder), "--host", "127.0.0.1",
               "--port", str(server.c2s_port), "--ca-file", str(server.ca_file)]
    bot = Process(command, server.new_log("echobot_multiple"), env=dict(os.environ, XMPP_PASSWORD=SECRET))
    server.bots.append(bot)
    wait_text(bot, f"online as {to}")

    romeo = crowd.member("romeo")
    mallory = crowd.member("mallory")
    nobody = crowd.member("nobody")
    complete = 0
    for multiple in True, False:
        for his in True, False:
            sid = f"sid-{multiple}-{his}"
            says(romeo, to, offer(sid, file(name=f"{sid}.bin"), form((IBB,)), multiple=multiple), "result")
            says(romeo, to, opening(sid), "result")
            says(romeo, to, data(sid, 0, CONTENT[:HALF]), "result")
            # There is such a file, so this is refused.
            says(mallory, to, offer(sid, file(name=f"{sid}.bin"), form((IBB,)), multiple=his), "forbidden")
            # This is accepted and comes to nothing. Between two streams of gloox's own it would end both.
            if multiple or his:
                says(nobody, to, offer(sid, file(name=f"{sid}-other.bin"), form((IBB,)), multiple=his), "result")
                says(nobody, to, opening(sid), "result")
                says(nobody, to, data(sid, 0, b"EVIL"), "result")
                says(nobody, to, close(sid), "result")
            says(romeo, to, data(sid, 1, CONTENT[HALF:]), "result")
            says(romeo, to, close(sid), "result")
            complete += 1
            wait_text(bot, "complete", complete)
            check((folder / f"received-{sid}.bin").read_bytes() == CONTENT, f"{sid}: another file")

    # Those who mean no harm, with gloox alone and with the plugin.
    original = server.make_file(300001)
    stock = server.stock("romeo", "--to", to, "--file", original, resource="stock")
    stock.wait_event("sent", 30)
    wait_text(bot, "complete", complete + 1)
    check(sha256(folder / "received-stock.bin") == sha256(original), "a stock sender's file is another one")
    check(server.sender("romeo", to, original).wait_exit(60) == 0, "a sender failed")
    wait_text(bot, "complete", complete + 2)
    check(sha256(folder / f"received-{original.name}") == sha256(original), "a sender's file is another one")


run_scenario(scenario)
