# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: a certificate by another authority ends both programs with status 2"""

from harness import Prosody, check, run_scenario


def scenario(server):
    with Prosody(accounts=()) as other:
        trusted, server.ca_file = server.ca_file, other.ca_file
        bots = [server.receiver("juliet"), server.sender("romeo", "juliet@localhost/x", server.make_file(10))]
        for bot in bots:
            status = bot.wait_exit(30)
            check(status == 2, f"exit status {status}, wanted: 2")
            check(not bot.find("connected"), "connected to a server that is not trusted")
        server.ca_file = trusted


run_scenario(scenario)
