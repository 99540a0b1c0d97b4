"""Compatibility modes: which earlier versions a new one is compared with, and in which directions. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Differences = Callable[[str, str], list[str]]  # why data that the second wrote cannot be read with the first
DISABLED = "DISABLED"


@dataclass(frozen=True)
class Mode:
    """`backward`: the new version reads what earlier ones wrote; `forward`: they read what it writes."""

    backward: bool = False
    forward: bool = False
    of_all: bool = False  # the earlier versions, and not the latest alone

    @property
    def compares(self) -> bool:
        return self.backward or self.forward


MODES = {
    "NONE": Mode(),
    DISABLED: Mode(),  # where there is a version, no further one is taken at all
    "BACKWARD": Mode(backward=True),
    "BACKWARD_ALL": Mode(backward=True, of_all=True),
    "FORWARD": Mode(forward=True),
    "FORWARD_ALL": Mode(forward=True, of_all=True),
    "FULL": Mode(backward=True, forward=True),
    "FULL_ALL": Mode(backward=True, forward=True, of_all=True),
}


def concerned(mode: str, checkpoint: int, numbers: Sequence[int]) -> list[int]:
    """Of earlier versions' `numbers`, those with which a new one is compared, the latest first."""
    if not MODES[mode].compares:
        return []
    latest = sorted(numbers, reverse=True)
    return [each for each in latest if each >= checkpoint] if MODES[mode].of_all else latest[:1]


def misfits(mode: str, new: str, earlier: Sequence[str], differences: Differences) -> list[str]:
    """Why the definition `new` may not follow those that it is compared with; empty if it may."""
    directions = MODES[mode]
    found: list[str] = []
    for old in earlier:
        if directions.backward:
            found += (f"backward: {each}" for each in differences(new, old))
        if directions.forward:
            found += (f"forward: {each}" for each in differences(old, new))
    return found
