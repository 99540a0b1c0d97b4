"""Which files of a source a run reads, why, and the state that follows. Pure.

A file counts as read by its time of change, not its name. Stores list files late, so a bookmark has a band: what
changed at or before `settled` is taken for read, what changed later is remembered file by file. `settled` follows the
listing by `maxBand`, AWS's 15 minutes by default, and stops before the oldest file that a run has left for the next.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.model import FileState

BAND_MS = 900_000
ANY_PLACE = ""  # the first release did not say which place a state was of
TICK_MS = 1_000  # S3 tells times in whole seconds: a shorter band would lose what comes within the second


class Reason(StrEnum):
    """Why a file is read (the first three) or not."""

    NEW = "NEW"
    LATE = "LATE"
    OVERWRITTEN = "OVERWRITTEN"
    READ_BEFORE = "READ_BEFORE"
    BEYOND_BOUND = "BEYOND_BOUND"
    BAND_FULL = "BAND_FULL"
    TOO_YOUNG = "TOO_YOUNG"
    OUT_OF_RANGE = "OUT_OF_RANGE"

    @property
    def selected(self) -> bool:
        return self in (Reason.NEW, Reason.LATE, Reason.OVERWRITTEN)

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Reason.NEW: "new",
    Reason.LATE: "came late, within the band",
    Reason.OVERWRITTEN: "overwritten or touched since it was read",
    Reason.READ_BEFORE: "read before",
    Reason.BEYOND_BOUND: "beyond boundedFiles or boundedSize, left for the next run",
    Reason.BAND_FULL: "beyond maxFilesInBand, left for the next run",
    Reason.TOO_YOUNG: "changed after the listing began, left for the next run",
    Reason.OUT_OF_RANGE: "outside --job-bookmark-from and -to",
}


@dataclass(frozen=True)
class FileSeen:
    """A file as its store lists it: path or URI, size in bytes, time of change in milliseconds since 1970.

    `etag` is the store's own sign of the content, where it has one.
    """

    path: str
    size: int
    modified_ms: int
    etag: str = ""

    @property
    def mark(self) -> str:
        """What tells this content of this file from another; it begins with what all contents of the file share."""
        return _hash(self.path) + _hash(f"{self.size}\0{self.modified_ms}\0{self.etag}")

    @property
    def old_mark(self) -> str:
        """As the first release remembered it."""
        return _hash(f"{self.path}\0{self.size}\0{self.modified_ms}", 12)


_PATH_SIGNS = 16


def _hash(text: str, size: int = _PATH_SIGNS // 2) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=size).hexdigest()


@dataclass(frozen=True)
class Bounds:
    """The most that one run takes: files, bytes, files in the band; None is no bound. `band_ms` is the band's length.

    A file that alone is larger than `size` is still read, by itself: the source would otherwise stand still for ever.
    """

    files: int | None = None
    size: int | None = None
    band_ms: int = BAND_MS
    band_files: int | None = None


@dataclass(frozen=True)
class Selection:
    """Each file with its reason, as listed; and the bookmark's state once those selected are read."""

    judged: tuple[tuple[FileSeen, Reason], ...]
    state: FileState

    @property
    def files(self) -> list[FileSeen]:
        return [file for file, reason in self.judged if reason.selected]

    @property
    def counts(self) -> dict[Reason, int]:
        return dict(Counter(reason for _, reason in self.judged))


def covers(state: FileState | None, place: str, file: FileSeen) -> bool:
    """Whether `state` says that the file was read."""
    floor = _floor(state, place)
    if state is None or floor is None:
        return False
    return file.modified_ms <= floor or file.mark in state.seen or file.old_mark in state.seen


def _floor(state: FileState | None, place: str) -> int | None:
    """Up to when the place is settled; None if the state does not know it."""
    return state.settled.get(place, state.settled.get(ANY_PLACE)) if state else None


def select_files(
    listed: Mapping[str, Sequence[FileSeen]], state: FileState | None, listed_at_ms: int, bounds: Bounds
) -> Selection:
    """What to read of the files listed, by place. `listed_at_ms`: when listing began, by the store's clock.

    The oldest come first; what the bounds leave is for the next run. A place that the state does not know is read from
    its beginning, and one that is not listed is forgotten.
    """
    # A clock that was set back must not bring old files back.
    now = max(listed_at_ms, state.high_ms) if state else listed_at_ms
    files = [(place, file) for place, within in listed.items() for file in within]
    known = frozenset(mark[:_PATH_SIGNS] for mark in state.seen) if state else frozenset()
    reasons = [_at_first(state, place, file, now, known) for place, file in files]
    waiting = [at for at, reason in enumerate(reasons) if reason.selected]
    waiting.sort(key=lambda at: (files[at][1].modified_ms, files[at][1].path))
    within = _bounded([files[at][1].size for at in waiting], bounds)
    for at in waiting[within:]:
        reasons[at] = Reason.BEYOND_BOUND
    if bounds.band_files is not None:
        since = now - bounds.band_ms
        room = bounds.band_files - sum(at > since for at in (state.seen.values() if state else ()))
        in_band = [at for at in waiting[:within] if files[at][1].modified_ms > since]
        for at in in_band[max(room, 0) :]:
            reasons[at] = Reason.BAND_FULL
    judged = tuple((file, reason) for (_, file), reason in zip(files, reasons, strict=True))
    placed = [(place, file, reason) for (place, file), reason in zip(files, reasons, strict=True)]
    return Selection(judged, _following(placed, listed, state, now, bounds.band_ms))


def _at_first(state: FileState | None, place: str, file: FileSeen, now: int, known: frozenset[str]) -> Reason:
    """Why the file is read or not, before any bounds. `known`: how the marks of the files remembered begin."""
    if covers(state, place, file):
        return Reason.READ_BEFORE
    if file.modified_ms > now:
        return Reason.TOO_YOUNG
    if state is None or _floor(state, place) is None:
        return Reason.NEW
    if known and _hash(file.path) in known:
        return Reason.OVERWRITTEN
    return Reason.LATE if file.modified_ms <= state.high_ms else Reason.NEW


def select_range(
    listed: Mapping[str, Sequence[FileSeen]], after: FileState | None, upto: FileState | None
) -> tuple[tuple[FileSeen, Reason], ...]:
    """The files that `upto` says were read and `after` does not: what the runs between the two have read."""
    judged = []
    for place, files in listed.items():
        for file in files:
            inside = covers(upto, place, file) and not covers(after, place, file)
            judged.append((file, Reason.NEW if inside else Reason.OUT_OF_RANGE))
    return tuple(judged)


def bounded(files: Sequence[FileSeen], bounds: Bounds) -> frozenset[str]:
    """The paths of the oldest files up to the bounds, for a read that no bookmark follows."""
    oldest = sorted(files, key=lambda file: (file.modified_ms, file.path))
    return frozenset(file.path for file in oldest[: _bounded([file.size for file in oldest], bounds)])


def _bounded(sizes: Sequence[int], bounds: Bounds) -> int:
    """How many of the files, oldest first, are within the bounds."""
    most = len(sizes) if bounds.files is None else min(bounds.files, len(sizes))
    if bounds.size is None:
        return most
    total = 0
    for at, size in enumerate(sizes[:most]):
        total += size
        if total > bounds.size:
            return max(at, 1)
    return most


def _following(
    judged: Sequence[tuple[str, FileSeen, Reason]],
    places: Iterable[str],
    state: FileState | None,
    now: int,
    band_ms: int,
) -> FileState:
    """The state once the selected files are read: settled up to the band, or to just before the oldest file left."""
    settled, high = dict.fromkeys(places, now - band_ms), now
    for place, file, reason in judged:
        if reason in _LEFT:
            settled[place] = min(settled[place], file.modified_ms - 1)
            high = min(high, file.modified_ms - 1)
    # What was settled once stays so, however long the band is now.
    settled = {place: max(at, _floor(state, place) or at) for place, at in settled.items()}
    # A file that is not listed now may come back as it was: after a deletion is undone, or from a store that wavers.
    oldest = min(settled.values(), default=now)
    seen = {mark: at for mark, at in state.seen.items() if at > oldest} if state else {}
    read = ((place, file) for place, file, reason in judged if reason.selected)
    remembered = {file.mark: file.modified_ms for place, file in read if file.modified_ms > settled[place]}
    return FileState(high, settled, seen | remembered)


_LEFT = frozenset((Reason.BEYOND_BOUND, Reason.BAND_FULL))


def joined(first: FileState, second: FileState) -> FileState:
    """The states of two sources that a run reads through one transformation_ctx, as one."""
    return FileState(
        min(first.high_ms, second.high_ms), {**first.settled, **second.settled}, {**first.seen, **second.seen}
    )
