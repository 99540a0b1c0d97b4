"""What a run's own process asks of the engine: a plan of what to read, and to take in what it wrote."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import msgspec

from catalog.catalog import Catalog
from catalog.errors import AlreadyExists, VersionConflict
from catalog.model import Origin, SerDe, StorageDescriptor, Table
from crawlers.errors import PlaceNotFound
from crawlers.listing import list_files
from crawlers.places import open_place
from engine import resolve
from engine.bookmarks import FileSeen
from engine.engine import Engine
from engine.model import BOOKMARK_DISABLE, BOOKMARK_ENABLE, JobSpec, Run
from engine.resolve import Group, ReadPlan, Written

TRIES = 5


@dataclass(frozen=True)
class ReadRequest:
    """A source as a script names it: a catalog table, or paths with their format.

    `predicate` is a filter on partition keys (see catalog.predicates); `context` is the transformation_ctx.
    """

    database: str = ""
    table: str = ""
    paths: tuple[str, ...] = ()
    format: str = ""
    predicate: str = ""
    context: str = ""


def plan_read(catalog: Catalog, engine: Engine, run: Run, request: ReadRequest) -> ReadPlan:
    """What `run` has to read; what it will have read by that is noted for its bookmark.

    Raises NotFound, InvalidPredicate, UnsupportedSource; PlaceNotFound if the source's own folder is gone.
    """
    spec = msgspec.json.decode(run.spec, type=JobSpec)
    listed_at_ms = int(time.time() * 1000)  # before the listing: a file that comes during it is left for the next run
    table, groups = _source(catalog, request)
    tracked = bool(request.context) and spec.bookmark != BOOKMARK_DISABLE
    bookmark = engine.find_bookmark(spec.job.name) if tracked else None
    state = bookmark.sources.get(request.context) if bookmark else None
    plan, source = resolve.plan_read(table, groups, state, listed_at_ms, request.context, tracked)
    if source is not None:
        state = source.state if spec.bookmark == BOOKMARK_ENABLE else None
        version = bookmark.version if bookmark else 0
        engine.record_source(run.id, replace(source, state=state, base_version=version))
    return plan


def take_in(catalog: Catalog, run: Run, written: Written) -> Table:
    """Create or update the table that a run wrote, and its partitions, as changes made by that run.

    What was written adds to the table as it stands: if others change it meanwhile, it is read again.
    Raises InvalidInput if the run wrote in another format or by other partition keys than the table's;
    UnsupportedSource.
    """
    catalog = catalog.acting_as(Origin("job", run_id=run.id))
    for _ in range(TRIES):
        try:
            return _take_in(catalog, written)
        except (VersionConflict, AlreadyExists) as error:
            refused = error
    raise refused


def _take_in(catalog: Catalog, written: Written) -> Table:
    existing = catalog.find_table(written.database, written.table)
    if existing is not None:
        resolve.demand_fits(written, existing)
    catalog.apply(resolve.catalog_changes(written, existing))
    return catalog.get_table(written.database, written.table)


def _source(catalog: Catalog, request: ReadRequest) -> tuple[Table, list[Group]]:
    if request.paths:
        for path in request.paths:
            open_place(path)
        return _table_of_paths(request), [Group((), path, _files(path)) for path in request.paths]
    table = catalog.get_table(request.database, request.table)
    if not table.partition_keys:
        location = table.storage.location or ""
        open_place(location)  # a table whose own folder is gone is an error, not an empty table
        return table, [Group((), location, _files(location))]
    # All of them before the first listing: no transaction stays open while a store is asked.
    partitions = list(catalog.iter_partitions(request.database, request.table, request.predicate or None))
    return table, [
        Group(partition.values, partition.storage.location, _files(partition.storage.location))
        for partition in partitions
        if partition.storage.location
    ]


def _table_of_paths(request: ReadRequest) -> Table:
    """A table that is not in the catalog, of the format named: its columns are for the reader to find."""
    _, _, serde = resolve.stored_as(request.format)
    storage = StorageDescriptor(location=request.paths[0], serde=SerDe(serde))
    return Table("", request.paths[0].rstrip("/").rpartition("/")[2], storage)


def _files(location: str) -> tuple[FileSeen, ...]:
    """The data files below `location`; none if a partition's folder is not there (yet, or any more)."""
    try:
        place = open_place(location)
    except PlaceNotFound:
        return ()
    return tuple(
        FileSeen(place.root + "/".join((*folder.path, file.name)), file.size, file.modified_ms)
        for folder in list_files(place, ())
        for file in folder.files
    )
