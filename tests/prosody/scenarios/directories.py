# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PFT-15: a directory arrives with its folders, several files end in a summary, and names are kept as they are"""

from harness import check, run_scenario, sha256


def scenario(server):
    top = server.dir / "photos"
    (top / "2005" / "Мантуя").mkdir(parents=True)
    (top / "empty").mkdir()
    files = {"a.txt": 10, "2005/a.txt": 70000, "2005/Мантуя/балкон \U0001f339.jpg": 5000, "2005/.hidden": 1, "zero": 0}
    for name, size in files.items():
        (top / name).write_bytes(bytes(size))
        with open(top / name, "r+b") as file:
            file.write(name.encode()[:size])
    (top / "loop").symlink_to(top)
    (top / "gone").symlink_to(top / "nothing")
    single = server.make_file(300, "single.bin")

    receiver = server.receiver("juliet", "--once", len(files) + 1)
    sender = server.sender("romeo", receiver.jid(), "--recursive", top, single)
    status = sender.wait_exit(60), receiver.wait_exit(60)
    check(status == (0, 0), f"exit status {status}\n{sender.tail()}\n{receiver.tail()}")
    for name in ("gone", "loop"):
        check(f"{top / name} is left out" in sender.tail(), f"{name} is missing without a word\n{sender.tail()}")
    arrived = {str(path.relative_to(receiver.folder)): sha256(path) for path in receiver.folder.rglob("*") if path.is_file()}
    # A peer has no business with hidden files (PFT-4).
    wanted = {f"photos/{name}".replace(".hidden", "_hidden"): sha256(top / name) for name in files}
    wanted["single.bin"] = sha256(single)
    check(arrived == wanted, f"{sorted(arrived)}, wanted: {sorted(wanted)}")
    for bot in (sender, receiver):
        summary = bot.wait_event("summary", 1)
        check(summary["files"] == len(wanted) and summary["failed"] == 0 and summary["bytes"] == sum(files.values()) + 300, f"{summary}")

    plain = server.sender("romeo", "juliet@localhost/receiver", top)
    check(plain.wait_exit(30) == 8 and "--recursive" in plain.tail(), f"a directory without --recursive: {plain.tail()}")


run_scenario(scenario)
