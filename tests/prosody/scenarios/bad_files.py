# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files: one that is missing, a folder or a pipe in its place, a --dir that is none: status 8 and one line"""

import os

from harness import check, expect_one_line, run_scenario


def scenario(server):
    good = server.make_file(10)
    folder = server.dir / "folder"
    folder.mkdir()
    pipe = server.dir / "pipe"
    os.mkfifo(pipe)
    missing = server.dir / "missing"
    to = "juliet@localhost/x"
    bots = (
        (server.sender("romeo", to, missing), "No such file"),
        (server.sender("romeo", to, good, missing), "No such file"),
        (server.sender("romeo", to, folder), "is a directory"),
        (server.sender("romeo", to, pipe), "not a regular file"),
        (server.receiver("juliet", "--dir", missing), "No such file"),
        (server.receiver("juliet", "--dir", good), "Not a directory"),
    )
    for bot, wanted in bots:
        status = bot.wait_exit(30)
        check(status == 8, f"{wanted}: exit status {status}, wanted: 8\n{bot.tail()}")
        check(not bot.events, f"{wanted}: {bot.events}")
        expect_one_line(bot, wanted)
    check(not list(folder.iterdir()), "something was written")


run_scenario(scenario)
