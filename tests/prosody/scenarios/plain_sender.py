# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIM-10: a sender without the extension gets one method, which is used"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    expect(Transfer(server, 1 << 20, ["--no-si-multiple"]), "s5b", dialect="plain")


run_scenario(scenario)
