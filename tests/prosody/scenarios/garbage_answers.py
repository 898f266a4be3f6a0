# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TC-062, TC-068, SI-20, SI-21, SI-22, SIM-27: whatever answers the offer, the sender ends once, with the right cause"""

from harness import Failure, check, expect_error, run_scenario
from peer import IBB, S5B, SI, SIM, STANZAS, Peer, list_answer, need_slixmpp, plain_answer

NOTHING = f"<si xmlns='{SI}'/>"
MISPRINT = plain_answer(IBB).replace("stream-method", "stream=method")
FOREIGN = f"<si xmlns='{SI}'><si-multiple xmlns='urn:other'><value>{IBB}</value></si-multiple></si>"
NO_STREAMS = (f"<error type='cancel'><bad-request xmlns='{STANZAS}'/><no-valid-streams xmlns='{SI}'/></error>")
NO_PROFILE = f"<error type='modify' code='400'><bad-request xmlns='{STANZAS}'/><bad-profile xmlns='{SI}'/></error>"


def error(condition):
    return f"<error type='cancel'><{condition} xmlns='{STANZAS}'/></error>"


# Type of the answer, what is in it, cause. All of these are refusals: exit status 3. (An error without <error/> does
# not get through Prosody.)
CASES = (
    ("result", "", "malformed-reply"),
    ("result", "<query xmlns='jabber:iq:version'/>", "malformed-reply"),
    ("result", NOTHING, "malformed-reply"),
    ("result", MISPRINT, "malformed-reply"),
    ("result", FOREIGN, "malformed-reply"),
    ("result", plain_answer("urn:other"), "malformed-reply"),
    ("result", plain_answer(IBB, "cancel"), "declined"),
    ("result", list_answer(), "no-valid-streams"),
    ("result", list_answer("", "urn:x:new", "x" * 300, S5B + "/"), "no-valid-streams"),
    ("error", "<error type='nonsense'/>", "declined"),
    ("error", error("forbidden"), "declined"),
    ("error", error("service-unavailable"), "unsupported"),
    ("error", error("remote-server-timeout"), "peer-unreachable"),
    ("error", NO_STREAMS, "no-valid-streams"),
    ("error", NO_PROFILE, "bad-profile"),
)


def scenario(server):
    juliet = Peer(server, "juliet")
    original = server.make_file(1000)
    senders = [server.sender("romeo", juliet.jid, original, resource=f"case{number}") for number in range(len(CASES))]
    for _ in CASES:
        offer = juliet.wait(child="si", timeout=60)
        kind, body, _ = CASES[int(offer.get("from").rpartition("case")[2])]
        juliet.send(f"<iq type='{kind}' id='{offer.get('id')}' to='{offer.get('from')}'>{body}</iq>")
    for sender, (kind, body, cause) in zip(senders, CASES):
        try:
            expect_error(sender, cause, 3)
        except Failure as failure:
            raise Failure(f"{kind} {body}: {failure}") from None
    check(not juliet.stanzas, f"something was opened: {len(juliet.stanzas)}")


need_slixmpp()
run_scenario(scenario)
