# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-223c, INT-11: a file arrives whole through a proxy that keeps the last block until the writer closes"""

from harness import Transfer, check, expect, run_scenario


def scenario(server):
    # Prosody's proxy passes on whole blocks of 4096 bytes, and the last one when there is more to pass on or an end.
    transfer = Transfer(server, 16 * 4096, ["--no-direct"], listen=False)
    expect(transfer, "s5b")
    check(transfer.opened["port"] == server.proxy_port, f"not the proxy: {transfer.opened}")


run_scenario(scenario)
