# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NEG-6: a streamhost where nobody listens leads to in-band"""

from harness import DOMAIN, Transfer, expect, free_ports, run_scenario


def scenario(server):
    dead = f"romeo@{DOMAIN}/elsewhere,127.0.0.1,{free_ports(1)[0]}"
    transfer = Transfer(server, 200000, ["--no-direct", "--proxy", "none", "--streamhost", dead], listen=False)
    expect(transfer, "ibb", fallbacks=["s5b"])


run_scenario(scenario)
