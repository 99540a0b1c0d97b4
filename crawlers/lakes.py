"""Tables that bring their own log: each is drafted from the log alone, and no data file of theirs is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from catalog.model import Column, Parameters, SerDe, StorageDescriptor, Table
from catalog.names import LONGEST_NAME
from crawlers import delta, iceberg
from crawlers.drafts import CRAWLER, SERIALIZER, Draft
from crawlers.errors import DriverMissing, PlaceNotFound, Unreadable
from crawlers.gathering import Gathered, Request
from crawlers.listing import is_hidden, sort_out
from crawlers.logs import Lake, LakeFormat, LakeTable, find_lakes
from crawlers.model import DeltaTarget, IcebergTarget
from crawlers.naming import base_name, is_below
from crawlers.places import FolderPath, Place, open_place
from crawlers.report import Note
from crawlers.surveys import Survey

NO_HUDI = "it is a Hudi table, which is not available here; let Hudi's own sync register it"
_READERS: dict[LakeFormat, Callable[[Place, Lake], LakeTable]] = {
    LakeFormat.DELTA: delta.read,
    LakeFormat.ICEBERG: iceberg.read,
}


def gather_delta(target: DeltaTarget, request: Request) -> Gathered:
    """Raises PlaceNotFound, also for a folder without a log; DriverMissing."""
    place = open_place(target.place)
    gathered = Gathered((place.root,))
    with request.timed("list and read"):
        if not place.look(("_delta_log",)).files:
            raise PlaceNotFound(place=target.place, why="it has no Delta log, _delta_log")
        try:
            table = delta.read(place, Lake((), LakeFormat.DELTA))
        except Unreadable as error:
            gathered.failed.append(Note(place.root, str(error)))
            return gathered
        if not target.native:
            table = delta.listed_for_others(place, table)
    made = drafted(place.root, table, request)
    if target.manifest and not target.native:
        made = replace(made, manifest=place.root)
    if target.table_name:
        made = replace(made, table=replace(made.table, name=target.table_name.lower()))
    _add(gathered, made)
    return gathered


def gather_iceberg(target: IcebergTarget, request: Request) -> Gathered:
    """Raises PlaceNotFound, also for a folder in which no table lies nor lay; DriverMissing."""
    place = open_place(target.place)
    gathered = Gathered((place.root,))

    def enter(path: FolderPath) -> bool:
        return len(path) <= target.max_depth + 1 and not is_hidden(path[-1])

    with request.timed("list and read"):
        folders = [sort_out(folder, target.exclusions) for folder in place.walk(enter)]
        found = find_lakes(folders, ())
        if not any(lake.format is LakeFormat.ICEBERG for lake in found) and not _had_tables(place, request):
            why = f"no table of Iceberg lies in it, down to {target.max_depth} folders below"
            raise PlaceNotFound(place=target.place, why=why)
        add_lakes(gathered, place, found, request)
    return gathered


def _had_tables(place: Place, request: Request) -> bool:
    """Whether this crawler's earlier tables lie in the place: where they are gone, nothing is what there is to find."""
    mine = (table for table in request.tables if table.parameters.get(CRAWLER) == request.crawler.name)
    return any(is_below(table.storage.location or "", [place.root]) for table in mine)


def add_lakes(gathered: Gathered, place: Place, lakes: list[Lake], request: Request) -> None:
    """Draft a table for each folder; one whose log cannot be read is a failure of its own."""
    for lake in lakes:
        where = place.root + "".join(f"{name}/" for name in lake.path)
        reader = _READERS.get(lake.format)
        if reader is None:
            gathered.skipped.append(Note(where, NO_HUDI))
            gathered.log.append(f"{where}: {NO_HUDI}.")
            continue
        try:
            table = reader(place, lake)
        except (Unreadable, DriverMissing) as error:
            gathered.failed.append(Note(where, str(error)))
            continue
        _add(gathered, drafted(where, table, request))


def write_manifests(survey: Survey) -> None:
    """The lists of Delta tables' files that go with a survey's changes. Raises Unreadable, DriverMissing."""
    for folder in survey.manifests.values():
        delta.write_manifest(folder)


def _add(gathered: Gathered, made: Draft) -> None:
    gathered.drafts.append(made)
    gathered.listed += made.files
    gathered.size += made.size


def drafted(location: str, lake: LakeTable, request: Request) -> Draft:
    crawler = request.crawler
    settings: Parameters = {
        **SERIALIZER,
        CRAWLER: crawler.name,
        "classification": lake.format,
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": str(lake.files),
        "sizeKey": str(lake.size),
        "recordCount": str(lake.records),
        "averageRecordSize": str(lake.size // lake.records if lake.records else 0),
        **lake.parameters,
    }
    storage = StorageDescriptor(
        columns=_columns(lake.columns),
        location=lake.location or location,
        input_format=lake.classes[0],
        output_format=lake.classes[1],
        serde=SerDe(library=lake.classes[2], parameters=lake.serde_parameters),
        parameters=settings,
    )
    table = Table(
        database=crawler.database,
        name=base_name(location, crawler.prefix),
        storage=storage,
        partition_keys=_columns(lake.keys),
        parameters=settings,
    )
    return Draft(
        table,
        tuple(replace(each, storage=replace(storage, location=each.storage.location)) for each in lake.partitions),
        why=f"The folder is a table of {lake.format.capitalize()} by its own log, which says all that is told here.",
        format=lake.format,
        compression="none",
        files=lake.files,
        size=lake.size,
        records=lake.records,
        records_sampled=lake.records,
        notes=lake.notes,
    )


def _columns(found: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(replace(column, name=column.name.lower()[:LONGEST_NAME]) for column in found)
