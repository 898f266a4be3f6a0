# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-15, IBB-6, IBB-7, IBB-8, IBB-14, PFT-10: whatever is sent as data, the receiver writes the file or nothing, and says why"""

# TIMEOUT 600

from typing import NamedTuple, Optional

from bodies import close, data, file, form, opening
from crowd import NO_LIMITS, Crowd
from harness import Failure, check, run_scenario
from peer import IBB, UNKNOWN
from victim import CONTENT, Victim

BLOCK = 16
MANY = 10000
TEXT = "MDEyMzQ1Njc4OQ=="  # CONTENT in base64
MEBIBYTE = 1 << 20

RESULT = ("result",)
BAD = ("bad-request",)
UNEXPECTED = ("unexpected-request",)


class Case(NamedTuple):
    """What is said on an open stream with blocks of 16 bytes for a file of ten. violation: the receiver ends it, with W-24."""

    name: str
    says: tuple  # of IQs, with their answers; or of stanzas without one
    violation: bool = True
    seq: Optional[int] = 0  # with which the file follows, if there is no violation; None: it is there


def block(seq, content=CONTENT, wanted=UNEXPECTED):
    return (data("SID", seq, content), wanted)


def message(inside, kind="", around=""):
    return f"<message to='TO'{kind}>{data('SID', 0, inside)}{around}</message>"


DELAY = "<delay xmlns='urn:xmpp:delay' stamp='2005-11-29T11:21:00Z'/>"

CASES = (
    Case("seq 1 first", (block(1),)),
    Case("seq 0 twice", (block(0, b"01", RESULT), block(0, b"01"))),
    Case("seq 2 after 0", (block(0, b"01", RESULT), block(2, b"23"))),
    Case("seq 65536", (block(65536),)),
    Case("seq 4294967296", (block(2**32),)),
    Case("seq 10^30", (block(10**30),)),
    Case("seq of a mebibyte", (block("0" * MEBIBYTE + "1"),)),
    Case("seq -1", (block(-1),)),
    Case("seq 0x0", (block("0x0"),)),
    Case("no seq", ((f"<data xmlns='{IBB}' sid='SID'>{TEXT}</data>", UNEXPECTED),)),
    Case("empty seq", (block(""),)),
    Case("not base64", (block(0, "!!!!", BAD),)),
    Case("base64 for URLs", (block(0, "-_-_", BAD),)),
    Case("padding inside", (block(0, "QQ=Q", BAD),)),
    Case("padding alone", (block(0, "====", BAD),)),
    Case("no padding", (block(0, TEXT.rstrip("="), BAD),)),
    Case("letters of another alphabet", (block(0, "\u041c\u0414\u0415\u0443", BAD),)),
    Case("a byte more than a block", (block(0, bytes(BLOCK + 1), BAD),)),
    Case("a mebibyte", (block(0, bytes(MEBIBYTE), BAD),)),
    Case("a mebibyte of white space", (block(0, " " * MEBIBYTE + TEXT, BAD),)),
    Case("ten thousand elements inside", (block(0, "<x/>" * MANY + TEXT, RESULT),), False, None),
    Case("ten thousand elements around", (("<x>" * MANY + data("SID", 0, CONTENT) + "</x>" * MANY, UNKNOWN),), False),
    Case("indented", (block(0, "\n  MDEy\t\n  MzQ1 \r\n  Njc4\n  OQ==\n", RESULT),), False, None),
    Case("seq 000000", (block("000000", CONTENT, RESULT),), False, None),
    Case("empty blocks", tuple(block(seq, b"", RESULT) for seq in range(50)), False, 50),
    Case("single bytes", tuple(block(seq, CONTENT[seq:seq + 1], RESULT) for seq in range(10)), False, None),
    Case("more than the file", (block(0, b"0123456789ABCDEF", RESULT),), False, None),
    Case("another namespace", ((data("SID", 0, CONTENT).replace(IBB, "urn:other"), UNKNOWN),), False),
    Case("of type get", ((data("SID", 0, CONTENT), UNKNOWN, "get"),), False),
    Case("as a result and as an error", (f"<iq type='result' id='x' to='TO'>{data('SID', 0, CONTENT)}</iq>",
                                         f"<iq type='error' id='x' to='TO'>{data('SID', 0, CONTENT)}<error/></iq>"), False),
    Case("in messages that do not count", (
        message(CONTENT, " type='error'"), message(CONTENT, "", DELAY),
        f"<message to='TO'><forwarded xmlns='urn:xmpp:forward:0'>{message(CONTENT)}</forwarded></message>",
        f"<message to='TO'><x>{data('SID', 0, CONTENT)}</x></message>"), False),
    Case("in a message", (message(CONTENT),), False, None),
    Case("not base64, in a message", (message("!!!!"),)),
    Case("data and close in one", ((data("SID", 0, CONTENT) + close("SID"), RESULT),), False, None),
    Case("for another stream", ((data("SID-", 0, CONTENT), UNKNOWN), (data("", 0, CONTENT), UNKNOWN),
                                (data("x" * MEBIBYTE, 0, CONTENT), UNKNOWN)), False),
)

# How the receiver's W-24 is answered, in turn; what it is worth is the same.
ANSWERS_TO_CLOSE = (
    lambda session, asked: session.member.result(asked),
    lambda session, asked: session.member.error(asked, "item-not-found"),
    lambda session, asked: session.member.result(asked, data(session.sid, 0, CONTENT)),
    lambda session, asked: session.says(close(session.sid), "result"),
    lambda session, asked: session.says(data(session.sid, 0, CONTENT), "item-not-found"),
)


def play_case(victim, romeo, case, number):
    session = victim.offer(romeo, file(name=f"case-{number}-{len(victim.sids)}.bin"), form())
    session.says(opening(session.sid, BLOCK), "result")
    for said in case.says:
        if isinstance(said, str):
            session.mutters(said.replace("SID", session.sid))
        else:
            body, wanted, *kind = said
            session.says(body.replace("SID", session.sid), *wanted, kind=kind[0] if kind else "set")
    if case.violation:
        asked = romeo.wait(child="close")
        ANSWERS_TO_CLOSE[number % len(ANSWERS_TO_CLOSE)](session, asked)
        session.ends("protocol-violation")
        return
    session.member.settle(victim.jid)
    if case.seq is not None:
        session.finishes(case.seq)
    elif case.name == "more than the file":  # PFT-10
        romeo.result(romeo.wait(child="close"))
        session.ends("done")
    else:
        session.says(close(session.sid), "result")
        session.ends("done")
    path = victim.bot.folder / victim.bot.find("done", sid=session.sid)[0]["path"]
    check(path.read_bytes() == CONTENT, f"the file holds {path.read_bytes()[:50]}")


def scenario(server):
    crowd = Crowd(server)
    romeo = crowd.member("romeo")
    victim = Victim(server, crowd)

    def play():
        for number, case in enumerate(CASES):
            try:
                play_case(victim, romeo, case, number)
            except Failure as failure:
                raise Failure(f"{case.name}: {failure}") from None

    victim.watch.flat(play, 12288)
    done = len(victim.bot.find("done"))
    files = [path.name for path in victim.bot.folder.iterdir()]
    check(len(files) == done, f"{done} files were complete, and these are there: {files}")
    victim.as_new(romeo)
    victim.stop()


run_scenario(scenario, settings=NO_LIMITS)
