"""Goals of speed: ours beside an anchor's cost in the same run, and counts; how they are taken and shown."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.measure import Cost, cost_of, seconds

TIMES = 3


@dataclass(frozen=True)
class Line:
    """A goal: ours over the anchor's, by CPU seconds or wall, may be no more than `most`."""

    what: str
    ours: Cost
    anchor: str
    theirs: Cost
    most: float
    by: str = "cpu"

    @property
    def ratio(self) -> float:
        return (self.ours.cpu / self.theirs.cpu) if self.by == "cpu" else (self.ours.wall / self.theirs.wall)


@dataclass(frozen=True)
class Fact:
    """A goal that needs no anchor: a count, or megabytes, that may be no more than `most`."""

    what: str
    value: float
    most: float


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def beside(*works: Callable[[], object]) -> list[Cost]:
    """The median cost of each, taken in turns, so that all meet the machine in the same mood."""
    rounds = [[cost_of(work) for work in works] for _ in range(TIMES)]
    return [
        Cost(statistics.median(each.wall for each in costs), statistics.median(each.cpu for each in costs))
        for costs in zip(*rounds, strict=True)
    ]


def show(found: Sequence[Line | Fact]) -> None:
    _show_lines([each for each in found if isinstance(each, Line)])
    print()
    _show_facts([each for each in found if isinstance(each, Fact)])


def _show_lines(lines: list[Line]) -> None:
    rows = [("what", "wall s", "CPU s", "anchor", "wall s", "CPU s", "ratio", "must be ≤", "")]
    for line in lines:
        ours, theirs = line.ours, line.theirs
        rows.append(
            (
                line.what, seconds(ours.wall), seconds(ours.cpu), line.anchor, seconds(theirs.wall),
                seconds(theirs.cpu), f"{line.ratio:.2f} {line.by}", f"{line.most:.3g}",
                "" if line.ratio <= line.most else "MISSED",
            )
        )  # fmt: skip
    _table(rows)


def _show_facts(facts: list[Fact]) -> None:
    rows = [("what", "found", "must be ≤", "")]
    for fact in facts:
        rows.append((fact.what, f"{fact.value:.4g}", f"{fact.most:g}", "" if fact.value <= fact.most else "MISSED"))
    _table(rows)


def _table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
