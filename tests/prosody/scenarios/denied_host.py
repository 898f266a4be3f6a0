# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NEG-6, SEC-6: a receiver that may not dial any host leads to in-band"""

from harness import Transfer, expect, run_scenario


def scenario(server):
    transfer = Transfer(server, 200000, receiver=["--deny-host", "0.0.0.0/0", "--deny-host", "::/0"])
    expect(transfer, "ibb", fallbacks=["s5b"])


run_scenario(scenario)
