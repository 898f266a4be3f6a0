# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NEG-1: the receiver's order rules, not the sender's"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    expect(Transfer(server, 200000, ["--methods", "s5b,ibb"], ["--methods", "ibb,s5b"]), "ibb")


run_scenario(scenario)
