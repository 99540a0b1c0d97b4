"""What a run reads, held against its job's bookmark and noted for it: files, rows of a database, and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from catalog.errors import InvalidInput
from engine.engine import Engine
from engine.model import BOOKMARK_DISABLE, CountState, FileState, JobSpec, KeyState, Run, RunSource
from engine.reads.bookmarks import Standing
from engine.reads.selection import Bounds, FileSeen, Reason, joined, select_files, select_range


@dataclass(frozen=True)
class FileChoice:
    """Each file listed with its reason; `state` is the context's once those selected are read, None if it stays."""

    judged: tuple[tuple[FileSeen, Reason], ...]
    state: FileState | None
    note: str | None = None


@dataclass(frozen=True)
class KeyRange:
    """The rows to read: those whose keys come after `after` (None: from the first on), up to and with `upto`.

    `upto` None: up to the last there is, which the run asks the database for and tells by `read_keys`.
    """

    tracked: bool
    after: tuple[str, ...] | None = None
    upto: tuple[str, ...] | None = None
    note: str | None = None


def spec_of(run: Run) -> JobSpec:
    return msgspec.json.decode(run.spec, type=JobSpec)


def is_tracked(run: Run, context: str) -> bool:
    return bool(context) and spec_of(run).bookmark != BOOKMARK_DISABLE


def choose_files(
    standing: Standing, listed: Mapping[str, Sequence[FileSeen]], listed_at_ms: int, bounds: Bounds
) -> FileChoice:
    """Which of the files listed, by place, are to be read. Pure."""
    before, upto = _files(standing.before), _files(standing.upto)
    if standing.ranged:
        return FileChoice(select_range(listed, before, upto), None)
    pending = _files(standing.pending.state) if standing.pending else None
    if pending is not None and set(listed) <= set(pending.settled):
        # This run has read them before: it must get the same again, as what came meanwhile is for the next run.
        judged = tuple((file, _again(reason)) for file, reason in select_range(listed, before, pending))
        return FileChoice(judged, pending)
    selection = select_files(listed, before, listed_at_ms, bounds)
    unknown = before is not None and not set(before.settled) & {*listed, ""}
    note = "it is another source than the one this transformation_ctx had: read from its beginning" if unknown else None
    return FileChoice(selection.judged, selection.state, note)


def _files(state: object) -> FileState | None:
    return state if isinstance(state, FileState) else None


def _again(reason: Reason) -> Reason:
    return reason if reason.selected else Reason.READ_BEFORE


def source_of(standing: Standing, context: str, name: str, choice: FileChoice, request: str) -> RunSource:
    """What to note of a read, together with what the run has noted under the same context already."""
    counts: dict[str, int] = {}
    for _, reason in choice.judged:
        counts[reason] = counts.get(reason, 0) + 1
    selected = sum(count for reason, count in counts.items() if Reason(reason).selected)
    made = RunSource(context, name, selected, len(choice.judged) - selected, choice.state, standing.version, counts,
                     (request,), choice.note)  # fmt: skip
    old = standing.pending
    if old is None or (old.source == name and request in old.requests):
        return made if old is None or not old.committed else old
    return _together(old, made)


def _together(old: RunSource, new: RunSource) -> RunSource:
    """Two reads under one context: both are followed, and the user is told."""
    state = new.state
    if isinstance(old.state, FileState) and isinstance(new.state, FileState):
        state = joined(old.state, new.state)
    reasons = {each: old.reasons.get(each, 0) + new.reasons.get(each, 0) for each in {**old.reasons, **new.reasons}}
    note = f"several sources share the transformation_ctx {old.context!r}; give each its own"
    return replace(
        new,
        source=new.source if new.source in old.source.split(", ") else f"{old.source}, {new.source}",
        selected_files=old.selected_files + new.selected_files,
        skipped_files=old.skipped_files + new.skipped_files,
        state=state,
        reasons=reasons,
        requests=(*old.requests, *(each for each in new.requests if each not in old.requests)),
        note=note if new.source != old.source else old.note or new.note,
    )


# ── rows of a database ───────────────────────────────────────────────────────────────────────────────────────────────


def plan_keys(engine: Engine, run: Run, context: str, keys: Sequence[str], descending: bool) -> KeyRange:
    """The rows that `run` has to read of a source whose rows are told apart by `keys`. Raises InvalidInput."""
    if not is_tracked(run, context):
        return KeyRange(tracked=False)
    standing = engine.standing(run, context)
    note = None
    before = standing.before
    if isinstance(before, KeyState) and not _same_keys(before, keys, descending):
        before, note = None, "its jobBookmarkKeys are others than before: read from the first row"
    after = before.last if isinstance(before, KeyState) else None
    if standing.ranged:
        upto = standing.upto.last if isinstance(standing.upto, KeyState) else None
        if upto is None:
            raise InvalidInput(
                what=f"the range of runs for {context!r}", why="--job-bookmark-to left no state of it; leave it out."
            )
        return KeyRange(True, after, upto, note)
    pending = standing.pending.state if standing.pending else None
    upto = pending.last if isinstance(pending, KeyState) and _same_keys(pending, keys, descending) else None
    return KeyRange(True, after, upto, note)


def read_keys(
    engine: Engine, run: Run, context: str, source: str, keys: Sequence[str], descending: bool,
    upto: Sequence[str] | None,
) -> None:  # fmt: skip
    """Note that the run reads rows up to `upto` (None: there is none beyond what was read before).

    Raises InvalidInput if another source has the context: what a bookmark keeps of rows, it keeps of one source.
    """
    if not is_tracked(run, context):
        return
    standing = engine.standing(run, context)
    before, pending = standing.before, standing.pending
    if pending is not None and pending.source != source:
        why = f"{pending.source} and {source} share it, and rows of one would be lost; give each its own."
        raise InvalidInput(what=f"the transformation_ctx {context!r}", why=why)
    known = before.last if isinstance(before, KeyState) and _same_keys(before, keys, descending) else None
    last = tuple(upto) if upto is not None else known
    state = None if standing.ranged else KeyState(tuple(keys), descending, last)
    if pending is None or pending.state != state:  # the same again, after a commit, stays committed
        engine.record_source(run.id, RunSource(context, source, 0, 0, state, standing.version))


def _same_keys(state: KeyState, keys: Sequence[str], descending: bool) -> bool:
    return state.keys == tuple(keys) and state.descending == descending


# ── counts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_count(engine: Engine, run: Run, context: str) -> int:
    """The count that the context was left at; 0 if it is not tracked, or new."""
    before = engine.standing(run, context).before if is_tracked(run, context) else None
    return before.count if isinstance(before, CountState) else 0


def note_count(engine: Engine, run: Run, context: str, count: int) -> None:
    """Leave the context at `count`; not if a source has it, which would be read again from its beginning."""
    if not is_tracked(run, context):
        return
    standing = engine.standing(run, context)
    if standing.pending is None or isinstance(standing.pending.state, CountState):
        state = None if standing.ranged else CountState(count)
        engine.record_source(run.id, RunSource(context, context, 0, 0, state, standing.version))
