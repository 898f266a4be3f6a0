# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures: what was measured, what is to be reached, and the table for people."""

import json
import statistics

AGREEMENT = 0.10   # as the contract has it for two runs on a quiet machine


class Figure:
    """One row: the values of several runs, of which the median counts."""

    def __init__(self, name, runs, at_least=None, at_most=None, unit=""):
        self.name = name
        self.runs = list(runs)
        self.value = statistics.median(self.runs)
        self.at_least = at_least
        self.at_most = at_most
        self.unit = unit

    @property
    def to_reach(self):
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if self.at_most is not None else None

    @property
    def met(self):
        """Whether the median reaches what it should; None for what is only reported."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.value <= self.at_most if self.at_most is not None else None

    @property
    def spread(self):
        return [min(self.runs), max(self.runs)]


def number(value):
    """Three digits that count; whole numbers as they are."""
    if value == int(value) and abs(value) >= 100:
        return f"{int(value)}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


class Figures:
    """All rows of a run, told as they come."""

    def __init__(self):
        self.rows = []
        self.skipped = []
        self._subject = ""

    def add(self, name, runs, **bounds):
        """A row that begins with two spaces says more about the last one that does not."""
        whole = name
        if name.startswith("  "):
            whole = f"{self._subject}: {name.strip()}"
        else:
            self._subject = name
        figure = Figure(whole, runs, **bounds)
        self.rows.append(figure)
        verdict = {True: "met", False: "NOT MET", None: ""}[figure.met]
        low, high = (number(value) for value in figure.spread)
        spread = f"{low} to {high}" if low != high else ""
        print(f"  {name:<76} {number(figure.value):>8} {figure.unit:<5}{figure.to_reach or '':>10}  {verdict:<8} {spread:<18}"
              f"{len(figure.runs)} run{'s' if len(figure.runs) > 1 else ''}", flush=True)
        return figure

    def skip(self, name, why):
        """What could not be measured is said, and never counts as met."""
        self.skipped.append(name)
        print(f"  {name:<76}  SKIPPED: {why}", flush=True)

    def json(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump([{"figure": row.name, "value": row.value, "unit": row.unit, "to_reach": row.to_reach, "met": row.met,
                        "runs": row.runs, "spread": row.spread} for row in self.rows], file, indent=1)
            file.write("\n")

    def agreement(self, path):
        """How the ratios, which have no unit, compare with those of an earlier run."""
        with open(path, encoding="utf-8") as file:
            earlier = {row["figure"]: row["value"] for row in json.load(file)}
        changes = {row.name: row.value / earlier[row.name] for row in self.rows if not row.unit and earlier.get(row.name)}
        apart = {name: change for name, change in changes.items() if abs(change - 1) > AGREEMENT}
        print(f"\n{len(changes) - len(apart)} of {len(changes)} ratios and counts are within {AGREEMENT:.0%} of those in {path}.")
        for name, change in apart.items():
            print(f"  {number(change)} times what it was: {name}")

    def verdict(self):
        missed = [row.name for row in self.rows if row.met is False]
        reached = sum(row.met is True for row in self.rows)
        print(f"\n{reached} of {reached + len(missed)} figures with a bound are met"
              + (f"; {len(self.skipped)} not measured" if self.skipped else "") + ".")
        for name in missed:
            print(f"  missed: {name}")
        return not missed
