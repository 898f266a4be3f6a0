# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-4: several files in one call all arrive, none over another"""

from harness import check, run_scenario, sha256


def scenario(server):
    receiver = server.receiver("juliet", "--once", 3)
    (server.dir / "again").mkdir()
    files = [server.make_file(5000, "a.bin"), server.make_file(70000, "b.bin"), server.make_file(6000, "again/a.bin")]
    sender = server.sender("romeo", receiver.jid(), *files)
    status = sender.wait_exit(60), receiver.wait_exit(60)
    check(status == (0, 0), f"exit status {status}\n{sender.tail()}\n{receiver.tail()}")
    arrived = sorted(sha256(path) for path in receiver.folder.iterdir())
    check(arrived == sorted(map(sha256, files)), f"not the files that were sent: {list(receiver.folder.iterdir())}")


run_scenario(scenario)
