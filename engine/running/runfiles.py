"""What a run's own process asks of the engine: a plan of which files to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import msgspec

from catalog.catalog import Catalog
from catalog.model import StorageDescriptor, Table
from crawlers.errors import PlaceNotFound
from crawlers.listing import list_files
from crawlers.places import open_place
from crawlers.places.clocks import now_ms
from engine.engine import Engine
from engine.jobs.source_options import SourceOptions
from engine.ledger.accesses import read_of
from engine.model import Run
from engine.reads import publishing, resolve
from engine.reads.jdbc_tables import is_jdbc
from engine.reads.resolve import Group, ReadPlan
from engine.reads.selection import Bounds, FileSeen, bounded
from engine.reads.table_formats import demand_plain_files, known_format
from engine.reads.tracking import choose_files, is_tracked, source_of

Clock = Callable[[str], int]


@dataclass(frozen=True)
class ReadRequest:
    """A source as a script names it: a catalog table, or paths with their format.

    `predicate` is a filter on partition keys (see catalog.predicates); `partitions`, if given, names the partitions to
    read instead. `context` is the transformation_ctx, `options` what the script asks of the files.
    """

    database: str = ""
    table: str = ""
    paths: tuple[str, ...] = ()
    format: str = ""
    predicate: str = ""
    context: str = ""
    partitions: tuple[tuple[str, ...], ...] | None = None
    options: SourceOptions = field(default_factory=SourceOptions)


@dataclass(frozen=True)
class ListedSource:
    """A source's files as they were at `at_ms`, by its store's clock, and what bounds a read of them."""

    table: Table
    groups: list[Group]
    at_ms: int
    bounds: Bounds

    @property
    def by_place(self) -> dict[str, list[FileSeen]]:
        return resolve.by_place(self.table, self.groups)


def plan_read(catalog: Catalog, engine: Engine, run: Run, request: ReadRequest, clock: Clock = now_ms) -> ReadPlan:
    """What `run` has to read; what it will have read by that is noted for its bookmark.

    `clock` tells the time of the store that a place is in.

    Raises NotFound, InvalidPredicate, InvalidInput, UnsupportedSource, OutputNotPublished;
    PlaceNotFound if the source's own folder is gone.
    """
    failed = publishing.settle(catalog, engine)  # what earlier runs have staged is part of what this one may read
    listed = list_source(catalog, request, clock)
    publishing.demand_published(failed, listed.by_place)
    engine.note_table(run.id, listed.table)
    engine.note_accesses(run.id, read_of(listed.table, request.paths))
    if not is_tracked(run, request.context) or is_jdbc(listed.table):  # which has no files
        return _untracked(listed)
    standing = engine.standing(run, request.context)
    choice = choose_files(standing, listed.by_place, listed.at_ms, listed.bounds)
    wanted = {file.path for file, reason in choice.judged if reason.selected}
    plan = resolve.plan_read(listed.table, listed.groups, wanted, tracked=True)
    text = msgspec.json.encode(request).decode()
    source = source_of(standing, request.context, resolve.source_name(listed.table), choice, text)
    engine.record_source(run.id, source)
    return replace(plan, reasons=source.reasons, note=source.note)


def _untracked(listed: ListedSource) -> ReadPlan:
    bounds, wanted = listed.bounds, None
    if bounds.files is not None or bounds.size is not None:
        wanted = bounded([file for group in listed.groups for file in group.files], bounds)
    return resolve.plan_read(listed.table, listed.groups, wanted, tracked=False)


def list_source(catalog: Catalog, request: ReadRequest, clock: Clock = now_ms) -> ListedSource:
    """The files of a source as they are now.

    Raises NotFound, InvalidPredicate, InvalidInput, UnsupportedSource; PlaceNotFound if the source's own folder is
    gone.
    """
    table = _table_of_paths(request) if request.paths else catalog.get_table(request.database, request.table)
    demand_plain_files(table)
    bounds = resolve.bounds_of(table, request.options)
    at_ms = clock(table.storage.location or "")  # before the listing: what comes during it is left for the next run
    return ListedSource(table, _groups(catalog, table, request), at_ms, bounds)


def _groups(catalog: Catalog, table: Table, request: ReadRequest) -> list[Group]:
    options = request.options
    if request.paths:
        for path in request.paths:
            open_place(path)
        options = replace(options, recurse=bool(options.recurse))
        return [Group((), path, _files(path, options)) for path in request.paths]
    if is_jdbc(table):
        return []
    if not table.partition_keys:
        location = table.storage.location or ""
        open_place(location)  # a table whose own folder is gone is an error, not an empty table
        return [Group((), location, _files(location, options))]
    # All of them before the first listing: no transaction stays open while a store is asked.
    return [
        Group(values, location, _files(location, options))
        for values, location in _partitions(catalog, request)
        if location
    ]


def list_partition_values(catalog: Catalog, request: ReadRequest) -> tuple[Table, list[tuple[str, ...]]]:
    """A table and the values of its partitions, for a process that selects among them by a filter of its own.

    Raises NotFound; InvalidPredicate for the option catalogPartitionPredicate.
    """
    table = catalog.get_table(request.database, request.table)
    everything = replace(request, predicate="", partitions=None)
    return table, [values for values, _ in _partitions(catalog, everything)]


def _partitions(catalog: Catalog, request: ReadRequest) -> list[tuple[tuple[str, ...], str | None]]:
    """Values and locations of the partitions that the request selects."""
    if request.partitions is not None:
        _, stored = catalog.read_named_partitions(request.database, request.table, request.partitions)
        return [(partition.values, partition.location) for partition in stored]
    filters = [text for text in (request.predicate, request.options.partition_predicate) if text]
    both = " and ".join(f"({text})" for text in filters) or None
    found = catalog.iter_partitions(request.database, request.table, both)
    return [(partition.values, partition.storage.location) for partition in found]


def _table_of_paths(request: ReadRequest) -> Table:
    """A table that is not in the catalog, of the format named: its columns are for the reader to find."""
    storage = StorageDescriptor(location=request.paths[0])
    name = request.paths[0].rstrip("/").rpartition("/")[2]
    return Table("", name, storage, parameters={"classification": known_format(request.format)})


def _files(location: str, options: SourceOptions) -> tuple[FileSeen, ...]:
    """The data files below `location`; none if a partition's folder is not there (yet, or any more).

    Not recursively means those in the location itself and in its k=v folders, as Spark takes them.
    """
    try:
        place = open_place(location)
    except PlaceNotFound:
        return ()
    return tuple(
        FileSeen(place.root + below, file.size, file.modified_ms, file.etag)
        for folder in list_files(place, ())
        if options.recurse is not False or all("=" in step for step in folder.path)
        for file in folder.files
        if options.takes(place.root, below := "/".join((*folder.path, file.name)))
    )
