# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-222, INT-6: a sender of gloox alone lists in-band first, and gets the one answer that we prefer"""

import re

from harness import check, run_scenario, sha256


def scenario(server):
    for method, methods in (("s5b", "s5b,ibb"), ("ibb", "ibb")):
        original = server.make_file(300001, f"{method}.bin")
        log = server.dir / f"{method}.xml"
        receiver = server.receiver("juliet", "--once", 1, "--methods", methods, "--log-xml", log, resource=method)
        sender = server.stock("romeo", "--to", receiver.jid(), "--file", original, resource=method)
        done = receiver.wait_event("done", 60)
        sender.wait_event("sent", 30)
        check(sha256(receiver.folder / done["path"]) == sha256(original), f"{method}: the file that arrived is another one")
        check(receiver.wait_exit(30) == 0, f"{method}: exit status {receiver.popen.returncode}\n{receiver.tail()}")
        check(receiver.find("accepted", dialect="plain", methods=[method]), f"{receiver.find('accepted')}")
        check(receiver.find("open", method=method), f"{receiver.find('open')}")

        xml = log.read_text()
        offered = re.findall("<value>http://jabber.org/protocol/([a-z]+)</value>", re.search("<- (<iq.*<si .*)", xml)[1])
        check(offered[:2] == ["ibb", "bytestreams"], f"the premise is wrong: gloox offered {offered}")
        answer = re.search("-> (<iq.*<si .*)", xml)[1]
        check("si-multiple" not in answer and answer.count("<value>") == 1, f"not a plain answer: {answer}")


run_scenario(scenario)
