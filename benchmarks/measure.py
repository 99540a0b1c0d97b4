"""A stage's figures: wall and CPU seconds, of this process and of the children it waited for."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Cost:
    """Seconds; `cpu` counts children that have ended as well."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Stage:
    """One line of the result: what was measured, the peer measured beside it in the same run, and by which clock."""

    name: str
    cost: Cost
    peer: str
    peer_cost: Cost
    by: Literal["wall", "cpu"] = "cpu"

    @property
    def ratio(self) -> str:
        if self.by == "cpu":
            return f"{self.cost.cpu / self.peer_cost.cpu:.2f} (CPU)"
        return f"{self.cost.wall / self.peer_cost.wall:.2f} (wall)"


def cost_of(work: Callable[[], object]) -> Cost:
    began, used = time.perf_counter(), _cpu()
    work()
    return Cost(time.perf_counter() - began, _cpu() - used)


def median_cost(work: Callable[[], object], times: int) -> Cost:
    costs = [cost_of(work) for _ in range(times)]
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def each(work: Callable[[], object], times: int) -> Cost:
    """The mean cost of one call out of many: for calls too short to be measured one by one."""
    work()
    total = cost_of(lambda: [work() for _ in range(times)])
    return Cost(total.wall / times, total.cpu / times)


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def show(stages: list[Stage]) -> None:
    headings = ("stage", "wall s", "CPU s", "peer", "wall s", "CPU s", "ours/peer")
    rows = [headings]
    for stage in stages:
        peer = stage.peer_cost
        rows.append(
            (
                stage.name,
                seconds(stage.cost.wall),
                seconds(stage.cost.cpu),
                stage.peer,
                seconds(peer.wall),
                seconds(peer.cpu),
                stage.ratio,
            )
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(headings))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def seconds(value: float) -> str:
    return f"{value:.2f}" if value >= 1 else f"{value:.5f}" if value < 0.01 else f"{value:.3f}"
