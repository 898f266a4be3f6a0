# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-223c, INT-11, S5B-7: without a listener the file goes through the server's proxy, to the last byte"""

from harness import Transfer, check, expect, run_scenario


def scenario(server):
    transfer = Transfer(server, 3 << 20, ["--no-direct"], listen=False)
    expect(transfer, "s5b")
    check(transfer.opened["port"] == server.proxy_port, f"not the proxy: {transfer.opened}")


run_scenario(scenario)
