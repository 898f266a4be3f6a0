# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login: no server, a wrong password or one that cannot be read end both programs with status 2 and one line"""

from harness import check, expect_one_line, free_ports, run_scenario


def scenario(server):
    wrong = server.dir / "wrong"
    wrong.write_text("not the password\n")
    cases = (
        (["--port", free_ports(1)[0]], "connect"),
        (["--host", "no-such-host.invalid"], "resolved"),
        (["--password-file", str(wrong)], "wrong user name or password"),
        (["--password-file", str(server.dir / "missing")], "cannot read a password"),
        (["--ca-file", str(server.dir / "missing")], "cannot open"),
    )
    original = server.make_file(10)
    for options, wanted in cases:
        for bot in (server.receiver("juliet", *options), server.sender("romeo", "juliet@localhost/x", *options, original)):
            status = bot.wait_exit(30)
            check(status == 2, f"{options}: exit status {status}, wanted: 2\n{bot.tail()}")
            check(not bot.events, f"{options}: {bot.events}")
            expect_one_line(bot, wanted)


run_scenario(scenario)
