# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-16: when SOCKS5 breaks again and again the rest of the file goes in-band"""

from harness import check, free_ports, run_scenario, sha256
from relay import Relay

SIZE = 2 << 20


def scenario(server):
    listen = free_ports(1)[0]
    original = server.make_file(SIZE)
    with Relay(listen, [50000] * 100) as relay:
        receiver = server.receiver("juliet", "--once", 1, "--resume", "--deny-host", "127.0.0.2/32")
        sender = server.sender("romeo", receiver.jid(), "--resume", "--listen", f"127.0.0.2:{listen}", "--proxy", "none",
                               "--streamhost", f"romeo@localhost/sender,127.0.0.1,{relay.port}", original, listen=False)
        received = receiver.wait_event("done", 120)
        check((sender.wait_exit(30), receiver.wait_exit(30)) == (0, 0), f"{sender.tail()}\n{receiver.tail()}")
        check(sha256(original) == sha256(receiver.folder / received["path"]), "another file arrived")
        methods = [event["method"] for event in receiver.find("open")]
        # What the second has carried is known when the third is under way.
        check(methods == ["s5b", "s5b", "s5b", "ibb"], f"{methods}")
        offsets = [event["offset"] for event in receiver.find("open")]
        check(0 == offsets[0] < offsets[1] < offsets[2] < offsets[3], f"{offsets}")


run_scenario(scenario)
