# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IBB-16: through a server that limits its clients' rate a file arrives whole, and the sender's own stanzas get through meanwhile"""

import time

from harness import Transfer, check, expect, run_scenario
from peer import Peer, need_slixmpp

RATE = 16   # kilobytes a second, of the stream's text
SIZE = 131072
# The text of a block is 5.7 KB, so the full window would keep a stanza of the sender's waiting for 3.6 s.
PATIENCE = 2.5


def scenario(server):
    mallory = Peer(server, "mallory")
    transfer = Transfer(server, SIZE, receiver=["--methods", "ibb"])
    opened = transfer.sender.wait_event("open", 30)
    check(opened["method"] == "ibb", f"opened {opened}")
    sender = transfer.sender.jid()
    transfer.sender.wait_event("progress", 30)

    waits = []
    while True:
        start = time.monotonic()
        mallory.settle(sender)
        if transfer.sender.find("done"):
            break
        waits.append(time.monotonic() - start)
    expect(transfer, "ibb")
    print(f"{len(waits)} pings were answered during the transfer, after {[round(wait, 2) for wait in waits]} s")
    check(len(waits) >= 3, "the sender's own stanzas waited for the transfer")
    # The first blocks leave before the server has shown how slow it is.
    check(sorted(waits)[len(waits) // 2] < PATIENCE, f"the sender's own stanzas waited too long: {waits}")


need_slixmpp()
run_scenario(scenario, modules=["limits"], settings=f'limits = {{ c2s = {{ rate = "{RATE}kb/s"; burst = "1s" }} }}')
