# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IQs of a session hold, well made unless asked otherwise."""

import base64

from crowd import FILES
from peer import FNEG, IBB, S5B, SI, SIM

FT = f"{SI}/profile/file-transfer"


def form(methods=(S5B, IBB), kind="list-single"):
    """The <feature/> of an offer."""
    values = "".join(f"<option><value>{method}</value></option>" for method in methods)
    return (f"<feature xmlns='{FNEG}'><x xmlns='jabber:x:data' type='form'><field var='stream-method' type='{kind}'>{values}"
            "</field></x></feature>")


def file(size=10, name="case.bin", inside="", attributes=""):
    """The <file/> of an offer."""
    return f"<file xmlns='{FT}' name='{name}' size='{size}'{attributes}>{inside}</file>"


def offer(sid, *children, multiple=True, profile=FT, attributes=""):
    """W-1; without children: a file of ten bytes, S5B and IBB."""
    inside = "".join(children) if children else file() + form()
    return (f"<si xmlns='{SI}' id='{sid}' profile='{profile}'{attributes}>{inside}"
            + (f"<si-multiple xmlns='{SIM}'/>" if multiple else "") + "</si>")


def host(jid, port, address="127.0.0.1"):
    return f"<streamhost jid='{jid}' host='{address}' port='{port}'/>"


def query(sid, *hosts, attributes=""):
    """W-9."""
    return f"<query xmlns='{S5B}' sid='{sid}'{attributes}>{''.join(hosts)}</query>"


def opening(sid, size=4096, attributes=""):
    """W-17; size None: no block-size."""
    block = "" if size is None else f" block-size='{size}'"
    return f"<open xmlns='{IBB}' sid='{sid}'{block}{attributes}/>"


def data(sid, seq, content=b""):
    """W-21; content: bytes, or text as it stands."""
    text = content if isinstance(content, str) else base64.b64encode(content).decode()
    return f"<data xmlns='{IBB}' sid='{sid}' seq='{seq}'>{text}</data>"


def close(sid):
    """W-24."""
    return f"<close xmlns='{IBB}' sid='{sid}'/>"


def note(sid, name="alive"):
    """W-40."""
    return f"<{name} xmlns='{FILES}' sid='{sid}'/>"
