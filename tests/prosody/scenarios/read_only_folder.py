# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files: a receiver that may not write to its folder says so at once, with status 8"""

from harness import check, expect_one_line, mounted, run_scenario


def scenario(server):
    with mounted(server.dir / "disk", "ro") as folder:
        bot = server.receiver("juliet", "--dir", folder)
        status = bot.wait_exit(30)
        check(status == 8, f"exit status {status}, wanted: 8\n{bot.tail()}")
        check(not bot.events, f"{bot.events}")
        expect_one_line(bot, "Read-only file system")


run_scenario(scenario)
