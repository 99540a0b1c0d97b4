"""Pure work done once for an object that comes again, which is told by its identity: a comparison would cost more.

The tables of one client mostly repeat their columns, and the same bytes of a call are one list of them (see the Hive
face's reader).
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Generic, TypeVar

_MOST = 32  # objects that are remembered
_LONGEST = 512  # elements of one
Given = TypeVar("Given", bound=Sized)
Made = TypeVar("Made")


class Once(Generic[Given, Made]):
    """`work` as a function. What it is given must never change, and what it makes belongs to all who ask."""

    def __init__(self, work: Callable[[Given], Made]) -> None:
        self._work = work
        self._made: dict[int, tuple[Given, Made]] = {}  # each is held here, so no other has its identity

    def __call__(self, given: Given) -> Made:
        known = self._made.get(id(given))
        if known is not None:
            return known[1]
        made = self._work(given)
        if len(given) <= _LONGEST:
            if len(self._made) >= _MOST:
                self._made.clear()
            self._made[id(given)] = given, made
        return made
