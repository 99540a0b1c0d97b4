"""What a job's next run would read, and a bookmark set to now: both ask again for what the last run asked for."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from catalog.catalog import Catalog
from catalog.errors import DomainError, InvalidInput
from engine.engine import Engine
from engine.model import Bookmark, CountState, FileState, KeyState, RunSource, SourceState
from engine.reads.selection import Bounds, FileSeen, select_files
from engine.reads.tracking import FileChoice, choose_files
from engine.running.runfiles import ReadRequest, list_source


@dataclass(frozen=True)
class NextRead:
    """What the next run would read through one transformation_ctx.

    Of files each with its reason; of a database's rows those whose `keys` come after `after` (None: from the first on);
    `trouble` says why it cannot be told.
    """

    context: str
    source: str
    choice: FileChoice | None = None
    keys: tuple[str, ...] = ()
    after: tuple[str, ...] | None = None
    trouble: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for _, reason in self.choice.judged if self.choice else ():
            found[reason] = found.get(reason, 0) + 1
        return found


def preview(catalog: Catalog, engine: Engine, job: str) -> list[NextRead]:
    """What the job's next run would read, if it asks for what the last one did. Nothing is run, nothing noted.

    Empty if no run has read anything through a transformation_ctx with a bookmark. Raises NotFound.
    """
    sources = engine.list_latest_sources(job)
    return [each for source in sources if (each := _next(catalog, engine, job, source)) is not None]


def _next(catalog: Catalog, engine: Engine, job: str, source: RunSource) -> NextRead | None:
    standing = engine.next_standing(job, source.context)
    known = standing.before or source.state
    if isinstance(known, CountState):
        return None
    if isinstance(known, KeyState) and not source.requests:
        after = standing.before.last if isinstance(standing.before, KeyState) else None
        return NextRead(source.context, source.source, keys=known.keys, after=after)
    try:
        listed, at_ms, bounds = _list_again(catalog, source)
    except DomainError as error:
        return NextRead(source.context, source.source, trouble=str(error))
    return NextRead(source.context, source.source, choose_files(standing, listed, at_ms, bounds))


def _list_again(catalog: Catalog, source: RunSource) -> tuple[dict[str, list[FileSeen]], int, Bounds]:
    """The files of the source's places as they are now."""
    if not source.requests:
        why = "an earlier release did not note what it read; run the job once."
        raise InvalidInput(what=f"source {source.source}", why=why)
    listed = [list_source(catalog, msgspec.json.decode(text, type=ReadRequest)) for text in source.requests]
    places = {place: files for each in listed for place, files in each.by_place.items()}
    return places, min(each.at_ms for each in listed), listed[0].bounds


def set_to_now(catalog: Catalog, engine: Engine, job: str) -> Bookmark:
    """Take for read all that the sources of the job's last run hold now. Rows of databases stay as they are.

    Raises NotFound, InvalidInput, BookmarkConflict, and the failures of a listing.
    """
    before = engine.find_bookmark(job)
    states: dict[str, SourceState] = {}
    for source in engine.list_latest_sources(job):
        if not source.requests:
            continue
        listed, at_ms, bounds = _list_again(catalog, source)
        state = select_files(listed, None, at_ms, Bounds(band_ms=bounds.band_ms)).state
        old = before.sources.get(source.context) if before else None
        if isinstance(old, FileState):
            state = FileState(state.high_ms, {**old.settled, **state.settled}, {**old.seen, **state.seen})
        states[source.context] = state
    if not states:
        raise InvalidInput(
            what=f"bookmark of job {job}", why="no run of it has read files through a transformation_ctx."
        )
    return engine.put_bookmark(job, before.version if before else 0, states, "set to now")
