# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: what cannot work is said in one line, with status 1, before anybody is bothered"""

from harness import check, run_scenario

JULIET = "juliet@localhost/receiver"


def scenario(server):
    original = str(server.make_file(10))
    sender, receiver = server.send_program, server.receive_program
    account = ["--jid", "romeo@localhost", "--host", "127.0.0.1", "--port", server.c2s_port]
    cases = (
        (sender, [], "whom"),
        (sender, [JULIET, original], "--jid is missing"),
        (sender, [*account], "whom"),
        (sender, [*account, JULIET], "file"),
        (sender, [*account, "juliet@localhost", original], "full JID"),
        (sender, [*account, "@@@", original], "JID"),
        (sender, [*account, "--nonsense", JULIET, original], "unknown option: --nonsense"),
        (sender, [*account, JULIET, original, "--port"], "--port needs a value"),
        (sender, [*account, "--port", "65536", JULIET, original], "--port: not a valid value"),
        (sender, [*account, "--methods", "pigeon", JULIET, original], "--methods: not a valid value"),
        (sender, [*account, "--timeout", "T-S-OFFER=soon", JULIET, original], "--timeout: not a valid value"),
        (sender, [*account, "--json=yes", JULIET, original], "--json takes no value"),
        (sender, [*account, "--dir", ".", JULIET, original], "unknown option: --dir"),
        (receiver, [], "--jid is missing"),
        (receiver, [*account, "--once", "0"], "--once: not a valid value"),
        (receiver, [*account, "--dir"], "--dir needs a value"),
        (receiver, [*account, "--accept", ""], "--accept: not a valid value"),
        (receiver, [*account, original], "unexpected argument"),
        (receiver, [*account, "--streamhost", "a,b,1"], "unknown option: --streamhost"),
    )
    for program, arguments, wanted in cases:
        status, output, errors = server.run(program, *arguments)
        check(status == 1, f"{arguments}: exit status {status}, wanted: 1\n{errors}")
        check(len(errors.splitlines()) == 1 and wanted in errors, f"{arguments}: not one line with {wanted}:\n{errors}")
        check(not output, f"{arguments}: on standard output: {output}")


run_scenario(scenario)
