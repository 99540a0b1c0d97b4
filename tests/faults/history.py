"""What must be true of runs after any faults: pure functions from the ledger, the scripts' deeds and outputs to faults.

A fault is one sentence that names the run; an empty list means that the history is in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.states import FINAL, MOVES, RunState

WELL, BADLY = "well", "badly"
LOST = "its process was lost"


@dataclass(frozen=True)
class Record:
    """A run as the ledger tells of it; `moves` are its (old, new) states in order, `key` is its submission's."""

    id: str
    job: str
    key: str
    state: RunState
    detail: str | None
    attempt: int
    previous: str | None
    moves: tuple[tuple[RunState | None, RunState], ...]


@dataclass(frozen=True)
class Deed:
    """What the script of a run really did, by its own word: how often it began, and how and when (s) it ended."""

    run: str
    begun: int
    began_at: float
    ended: str | None = None
    ended_at: float | None = None


@dataclass(frozen=True)
class Submission:
    """A run asked for; `run` is None if the answer never came: then there may be such a run, or none."""

    key: str
    run: str | None


@dataclass(frozen=True)
class Limits:
    retries: int = 0
    at_once: int = 1_000


def faults_of_runs(
    submitted: Sequence[Submission], records: Sequence[Record], deeds: Mapping[str, Deed], limits: Mapping[str, Limits]
) -> list[str]:
    """All of what follows, for a ledger that is to have come to rest."""
    return [
        *_of_submissions(submitted, records),
        *(fault for record in records for fault in _of_moves(record)),
        *(fault for record in records for fault in _of_end(record, deeds.get(record.id))),
        *_of_retries(records, limits),
        *_of_limits(records, deeds, limits),
        *(f"{run} has done something, and the ledger has no such run" for run in deeds.keys() - _ids(records)),
    ]


def faults_of_adoption(before: Mapping[str, str], after: Mapping[str, str], records: Sequence[Record]) -> list[str]:
    """`before` are the supervisors that outlived a service, by run; `after` those of the same runs in the end."""
    details = {record.id: record.detail or "" for record in records}
    found = [
        f"{run} was restarted: {known} became {after.get(run)}"
        for run, known in before.items()
        if after.get(run) != known
    ]
    return found + [f"{run} lived and was called lost" for run in before if details.get(run, "").startswith(LOST)]


def faults_of_survival(records: Sequence[Record], deeds: Mapping[str, Deed]) -> list[str]:
    """For a history in which only services are killed: a run fails only if its script says so."""
    return [
        f"{record.id} is FAILED ({record.detail}), and its script did not fail"
        for record in records
        if record.state is RunState.FAILED and (record.id not in deeds or deeds[record.id].ended != BADLY)
    ]


def faults_of_rows(expected: Collection[str], written: Sequence[str]) -> list[str]:
    """Each row of the input exactly once in the output."""
    counted = Counter(written)
    return [
        *(f"row {row} is missing" for row in sorted(set(expected) - counted.keys())),
        *(f"row {row} was written {count} times" for row, count in sorted(counted.items()) if count > 1),
        *(f"row {row} is of no input" for row in sorted(counted.keys() - set(expected))),
    ]


def faults_of_bookmark(moved_by: Sequence[str], published: Collection[str]) -> list[str]:
    """`moved_by` are the runs that moved the bookmark, `published` those whose output is to be seen."""
    return [
        *(f"the bookmark is ahead of the output: {run} moved it" for run in moved_by if run not in published),
        *(f"the output is ahead of the bookmark: {run} is published" for run in published if run not in moved_by),
        *(f"{run} moved the bookmark {count} times" for run, count in Counter(moved_by).items() if count > 1),
    ]


def _ids(records: Sequence[Record]) -> set[str]:
    return {record.id for record in records}


def _of_submissions(submitted: Sequence[Submission], records: Sequence[Record]) -> Iterator[str]:
    known = _ids(records)
    first = Counter(record.key for record in records if record.previous is None)
    for each in submitted:
        if each.run is not None and each.run not in known:
            yield f"{each.run} is lost: it was accepted, and the ledger has no such run"
        if first[each.key] > 1:
            yield f"{each.key} was put in once and is {first[each.key]} runs"
    for key in first.keys() - {each.key for each in submitted}:
        yield f"{key} is a run that nobody put in"


def _of_moves(record: Record) -> Iterator[str]:
    moves = record.moves
    if not moves or moves[0] != (None, RunState.WAITING):
        yield f"{record.id} has no beginning: {moves[:1]}"
        return
    for old, new in moves[1:]:
        if old is None or new not in MOVES[old]:
            yield f"{record.id} went from {old} to {new}"
    for (_, left), (entered, _) in pairwise(moves):
        if left != entered:
            yield f"{record.id} was {left} and then left {entered}"
    if moves[-1][1] is not record.state:
        yield f"{record.id} is {record.state}, and its last move was to {moves[-1][1]}"


def _of_end(record: Record, deed: Deed | None) -> Iterator[str]:
    """Whether the final state says what the script did."""
    if record.state not in FINAL:
        yield f"{record.id} has not ended: {record.state}"
    elif deed is None:
        if record.state is RunState.SUCCEEDED:
            yield f"{record.id} SUCCEEDED, and its script never began"
    else:
        if deed.begun != 1:
            yield f"{record.id} began {deed.begun} times"
        if (deed.ended == WELL) != (record.state is RunState.SUCCEEDED):
            yield f"{record.id} is {record.state} ({record.detail}), and its script ended {deed.ended}"
        if deed.ended == BADLY and (record.detail or "").startswith(LOST):
            yield f"{record.id} is told as lost, and its script ended {deed.ended}"


def _of_retries(records: Sequence[Record], limits: Mapping[str, Limits]) -> Iterator[str]:
    by_id = {record.id: record for record in records}
    repeats: dict[str, list[Record]] = {}
    for record in records:
        if record.previous is not None:
            repeats.setdefault(record.previous, []).append(record)
    for record in records:
        due = record.state is RunState.FAILED and record.attempt < limits[record.job].retries
        found = len(repeats.get(record.id, []))
        if found != due:
            yield f"{record.id} ({record.state}, attempt {record.attempt}) was repeated {found} times"
    for before, after in repeats.items():
        for record in after:
            if before not in by_id or record.attempt != by_id[before].attempt + 1:
                yield f"{record.id} is attempt {record.attempt} after {before}"


def _of_limits(records: Sequence[Record], deeds: Mapping[str, Deed], limits: Mapping[str, Limits]) -> Iterator[str]:
    """No more scripts of a job went on at one time than may; what has no end counts as a moment."""
    for job, limit in limits.items():
        own = [deeds[record.id] for record in records if record.job == job and record.id in deeds]
        steps = [(deed.began_at, 1) for deed in own]
        steps += [(deed.began_at if deed.ended_at is None else deed.ended_at, -1) for deed in own]
        now = most = 0
        for _, step in sorted(steps):
            now += step
            most = max(most, now)
        if most > limit.at_once:
            yield f"{most} scripts of {job} went on at once: {limit.at_once} may"
