# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEC-11, SEC-12, SI-9, PFT-1, PFT-4: offers of thousands of elements, megabyte values and strange shapes are answered once and at once, by the rule"""

# TIMEOUT 600

from typing import NamedTuple, Optional

from bodies import FT, close, file, form, host, offer, query
from crowd import FILES, NO_LIMITS, Crowd
from harness import Failure, check, free_ports, run_scenario
from peer import FNEG, IBB, S5B, SI, SIM, UNKNOWN
from victim import CONTENT, Session, Silent, Victim

MANY = 10000
FEW = 500  # still less than SEC-12 allows in one stanza, whatever it is
MEBIBYTE = "x" * (1 << 20)

RESULT = ("result",)
BAD = ("bad-request",)
NOT_OURS = [f"urn:x:{number}" for number in range(MANY)]


def deep(name, inside="", depth=MANY):
    return f"<{name}>" * depth + inside + f"</{name}>" * depth


def declared(count):
    """So many namespaces, each with a prefix of its own."""
    return "".join(f" xmlns:p{number}='urn:x:{number}' p{number}:id='{number}'" for number in range(count))


class Case(NamedTuple):
    """An offer: the words SID, LONG (a sid of 256 letters) and FILE stand for what they say. Where it is accepted, the file arrives; under that name, if one is given."""

    name: str
    body: str
    wanted: tuple = BAD
    kind: str = "set"
    stored: Optional[str] = None


def named(name, stored=None, wanted=RESULT):
    return Case(f"a file called {name[:20]!r}", offer("SID", file(name=name), form()), wanted, stored=stored)


# SEC-12: ignored as long as there are not too many of them.
CROWDED = (
    ("options behind in-band", lambda count: offer("SID", file(name="FILE"), form(NOT_OURS[:49] + [IBB] + NOT_OURS[:count]))),
    ("times in-band", lambda count: offer("SID", file(name="FILE"), form([IBB] * count))),
    ("tenths of a form", lambda count: offer("SID", file(name="FILE"), form() * (count // 10))),
    ("other fields", lambda count: offer("SID", file(name="FILE"), form().replace("<field", "<field var='x'/>" * count + "<field", 1))),
    ("files", lambda count: offer("SID", file(name="FILE") + file(name="other.bin") * count, form())),
    ("descriptions", lambda count: offer("SID", file(name="FILE", inside="<desc>x</desc>" * count), form())),
    ("attributes", lambda count: offer("SID", file(name="FILE"), form(), attributes="".join(f" a{number}='x'" for number in range(count)))),
    ("namespaces", lambda count: offer("SID", file(name="FILE"), form(), attributes=declared(count // 2))),
    ("extensions", lambda count: offer("SID", file(name="FILE") + form(), f"<si-multiple xmlns='{SIM}'/>" * count)),
    ("elements that nobody knows", lambda count: offer("SID", file(name="FILE"), form(), "<a/>" * count)),
    ("elements beside the offer", lambda count: offer("SID", file(name="FILE"), form()) + "<a xmlns='urn:x'/>" * count),
    ("deep inside", lambda count: offer("SID", deep("x", depth=count), file(name="FILE"), form())),
    ("deep in the description", lambda count: offer("SID", file(name="FILE", inside=f"<desc>{deep('x', 'text', count)}</desc>"), form())),
    ("deep in the extension",
     lambda count: offer("SID", file(name="FILE"), form(), f"<si-multiple xmlns='{SIM}'>{deep('value', depth=count)}</si-multiple>")),
)

CASES = (
    # Many
    *(Case(f"{count} {name}", body(count), wanted) for name, body in CROWDED for count, wanted in ((FEW, RESULT), (MANY, BAD))),
    Case("sixty thousand elements that nobody knows", offer("SID", file(name="FILE"), form(), "<a/>" * 6 * MANY)),
    Case("in-band as option 501", offer("SID", file(), form(NOT_OURS[:FEW] + [IBB]))),
    Case("five hundred options with five hundred values", offer("SID", file(), form(["</value><value>" * FEW]))),
    Case("two offers in one", offer("SID", file(name="FILE"), form()) + offer("other"), RESULT),
    # Deep
    Case("five hundred deep around the method", offer("SID", file(), form([deep("x", IBB, FEW)]))),
    Case("ten thousand deep around the method", offer("SID", file(), form([deep("x", IBB)]))),
    Case("ten thousand deep around everything", deep("x", offer("SID")), UNKNOWN),
    Case("ten thousand forms deep", offer("SID", file(), f"<feature xmlns='{FNEG}'>" * MANY + "</feature>" * MANY)),
    # Long
    Case("a sid of 256 letters", offer("LONG", file(name="FILE"), form()), RESULT),
    Case("a sid of 257 letters", offer("S" * 257)),
    Case("a sid of a mebibyte", offer(MEBIBYTE)),
    Case("a profile of a mebibyte", offer("SID", file(), form(), profile=MEBIBYTE)),
    Case("a method of a mebibyte", offer("SID", file(name="FILE"), form([MEBIBYTE, IBB])), RESULT),
    Case("a type of a mebibyte", offer("SID", file(name="FILE"), form(), attributes=f" mime-type='{MEBIBYTE}'"), RESULT),
    Case("a description of a mebibyte", offer("SID", file(name="FILE", inside=f"<desc>{MEBIBYTE}</desc>"), form()), RESULT),
    Case("a hash of a mebibyte", offer("SID", file(name="FILE", attributes=f" hash='{MEBIBYTE}'"), form()), RESULT),
    Case("a date of a mebibyte", offer("SID", file(name="FILE", attributes=f" date='{MEBIBYTE}'"), form()), RESULT),
    Case("a size of a mebibyte", offer("SID", file(size="1" * (1 << 20)), form())),
    Case("a kind of field of a mebibyte", offer("SID", file(), form(kind=MEBIBYTE))),
    Case("an attribute of a mebibyte", offer("SID", file(name="FILE"), form(), attributes=f" x='{MEBIBYTE}'"), RESULT),
    # Strange
    *(Case(f"a size of {size!r}", offer("SID", file(size=size), form())) for size in ("", "-1", "1e3", "0x10", " 10", 2**63, 10**30)),
    Case("no sid", offer("")),
    Case("no profile", offer("SID", file(), form(), profile="")),
    Case("an unknown profile", offer("SID", file(), form(), profile="urn:other")),
    Case("no file", offer("SID", form())),
    Case("a file of another namespace", offer("SID", file().replace(FT, "urn:other"), form())),
    Case("no form", offer("SID", file())),
    Case("a form without options", offer("SID", file(), form([]))),
    Case("a field of another kind", offer("SID", file(), form(kind="text-single"))),
    Case("methods in capitals", offer("SID", file(), form([S5B.upper(), IBB.upper()]))),
    Case("of another namespace", offer("SID").replace(f"xmlns='{SI}'", "xmlns='urn:other'", 1), UNKNOWN),
    Case("of type get", offer("SID"), BAD, "get"),
    # Names: SEC-12, PFT-4
    named("x" * 251 + ".bin", "x" * 251 + ".bin"),
    named("x" * 252 + ".bin", wanted=BAD),
    named(MEBIBYTE, wanted=BAD),
    named("", wanted=BAD),
    named("../../../../escaped-1.bin", "escaped-1.bin"),
    named("C:\\Windows\\escaped-2.bin", "escaped-2.bin"),
    named("/etc/escaped-3.bin", "escaped-3.bin"),
    *(named(name) for name in ("..", ".", "/", "a\u202egnp.exe", "a&#10;b", "-rf", "%s%n%x", "\U0001F4A9.bin", ".part-0000000000000000")),
    Case("a folder ten thousand deep", offer("SID", file(name="FILE", inside=f"<folder xmlns='{FILES}'>{'a/' * MANY}</folder>"), form()), RESULT),
    Case("a folder that climbs", offer("SID", file(name="FILE", inside=f"<folder xmlns='{FILES}'>../../../{'../' * MANY}up</folder>"), form()),
         RESULT),
)


def play_case(victim, romeo, case, number):
    sid = f"offer-{number}-{len(victim.sids)}"
    body = case.body.replace("SID", sid).replace("FILE", f"{sid}.bin")
    if "LONG" in body:
        sid = sid.rjust(256, "x")
        body = body.replace("LONG", sid)
    session = Session(victim, romeo, sid)
    session.says(body, *case.wanted, kind=case.kind)
    if case.wanted != RESULT:
        return
    victim.sids.append(sid)
    session.finishes()
    done = victim.bot.find("done", sid=sid)[0]
    path = (victim.bot.folder / done["path"]).resolve()
    check(victim.bot.folder.resolve() in path.parents, f"stored as {path}")
    check(path.read_bytes() == CONTENT, f"the file holds {path.read_bytes()[:50]}")
    if case.stored:
        # The second time it has a number, for which the longest name is cut.
        check(path.name.startswith(case.stored.partition(".")[0][:200]), f"stored as {path.name}, wanted: {case.stored}")


def play_hosts(victim, romeo):
    """SEC-9: of many streamhosts only the first few are looked at; SEC-12: too many are none."""
    with Silent() as silent:
        dead = free_ports(1)[0]
        session = victim.offer(romeo)
        hosts = [host(romeo.jid, dead, f"127.0.{number // 250}.{number % 250 + 1}") for number in range(MANY)]
        session.says(query(session.sid, *hosts), *BAD)
        session.says(query(session.sid, *hosts[:FEW], host("x@localhost/y", silent.port)), "item-not-found")
        session.finishes()
        strange = (host("", silent.port), host("@@@", silent.port), host(romeo.jid, 0), host(romeo.jid, 65536), host(romeo.jid, "x"),
                   host(romeo.jid, silent.port, ""), host(romeo.jid, silent.port, MEBIBYTE), host(MEBIBYTE, silent.port),
                   host(romeo.jid, dead).replace("/>", f">{deep('x', depth=FEW)}</streamhost>"))
        session = victim.offer(romeo)
        session.says(query(session.sid, *strange), "item-not-found")
        session.says(close(session.sid), "result")
        session.ends("cancelled-remote")
        check(silent.connections() == 0, "a streamhost was connected to that nobody may look at")


def scenario(server):
    crowd = Crowd(server)
    romeo = crowd.member("romeo")
    victim = Victim(server, crowd)

    def play():
        for number, case in enumerate(CASES):
            try:
                play_case(victim, romeo, case, number)
            except Failure as failure:
                raise Failure(f"{case.name}: {str(failure)[:3000]}") from None
        play_hosts(victim, romeo)

    victim.watch.flat(play, 24576)
    victim.as_new(romeo)
    outside = [path.name for path in server.dir.iterdir() if "escaped" in path.name or path.name == "up"]
    check(not outside, f"outside of the folder: {outside}")
    victim.stop()


run_scenario(scenario, settings=NO_LIMITS)
