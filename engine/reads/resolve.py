"""From a catalog table, its files and a bookmark to a read plan; and from what a run wrote to catalog changes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.changes import (
    AddColumn,
    AlterTable,
    CatalogChange,
    Change,
    CreateTable,
    PutPartitions,
    RetypeColumn,
    apply_all,
)
from catalog.errors import InvalidInput
from catalog.model import Column, Parameters, Partition, SerDe, StorageDescriptor, Table
from crawlers.naming import same_place
from engine.jobs.source_options import SourceOptions, parse_options
from engine.reads.selection import BAND_MS, TICK_MS, Bounds, FileSeen
from engine.reads.table_formats import demand_plain_files, reader_of, stored_as


@dataclass(frozen=True)
class Group:
    """Files of one partition (`values` in the order of the keys), or of an unpartitioned source (no values)."""

    values: tuple[str, ...]
    location: str
    files: tuple[FileSeen, ...]


@dataclass(frozen=True)
class ReadPlan:
    """All that a run's process needs to read a source. `options` are in the words of Glue's format_options.

    `reasons` counts the files by engine.reads.selection.Reason; `note` is what the script's author should know.
    """

    name: str
    format: str
    location: str | None
    options: dict[str, object]
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...]
    groups: tuple[Group, ...]
    selected: int
    skipped: int
    tracked: bool
    reasons: dict[str, int] = field(default_factory=dict)
    note: str | None = None


def plan_read(table: Table, groups: Sequence[Group], wanted: Collection[str] | None, tracked: bool) -> ReadPlan:
    """How to read the files of `groups` whose paths are `wanted`; None wants all. `tracked`: a bookmark follows it."""
    demand_plain_files(table)
    kind, options = reader_of(table)
    total = sum(len(group.files) for group in groups)
    if wanted is not None:
        groups = [replace(group, files=tuple(file for file in group.files if file.path in wanted)) for group in groups]
    kept = tuple(group for group in groups if group.files)
    selected = sum(len(group.files) for group in kept)
    return ReadPlan(
        name=table.name,
        format=kind,
        location=table.storage.location,
        options=options,
        columns=table.storage.columns,
        partition_keys=table.partition_keys,
        groups=kept,
        selected=selected,
        skipped=total - selected,
        tracked=tracked,
    )


def source_name(table: Table) -> str:
    """What a user knows the source by."""
    return f"{table.database}.{table.name}" if table.database else table.storage.location or table.name


def by_place(table: Table, groups: Sequence[Group]) -> dict[str, list[FileSeen]]:
    """The files of a source by the place that its bookmark knows them by: the table's own, or each path of a script."""
    if table.database:
        place = _place(table.storage.location or source_name(table))
        return {place: [file for group in groups for file in group.files]}
    return {_place(group.location): list(group.files) for group in groups}


def _place(location: str) -> str:
    """One spelling for all of a place's: s3a and s3, a path and its URI, with a slash at the end or without."""
    scheme, _, path = same_place(location).partition(":")
    return f"{scheme}:/{'/' if scheme == 'file' else ''}/{path.lstrip('/')}"


def bounds_of(table: Table, asked: SourceOptions) -> Bounds:
    """What bounds a read: the script's own options, then the table's parameters. Raises InvalidInput."""
    parameters = {name: text for name, text in table.parameters.items() if name.lower() in _BOUNDS}
    if asked.bounded_files is None and asked.bounded_bytes is None and parameters:
        told = parse_options(parameters)
        asked = replace(asked, bounded_files=told.bounded_files, bounded_bytes=told.bounded_bytes)
    band = BAND_MS if asked.max_band_ms is None else max(asked.max_band_ms, TICK_MS)
    return Bounds(asked.bounded_files, asked.bounded_bytes, band, asked.max_files_in_band)


_BOUNDS = ("boundedfiles", "boundedsize")


@dataclass(frozen=True)
class Written:
    """What a run's sink wrote: where, in which shape, and into which partitions (values and location of each).

    A sink that is not to tell the catalog names no `database` and `table`; `rows` is None where it did not count them.
    """

    database: str
    table: str
    location: str
    format: str
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...] = ()
    partitions: tuple[tuple[tuple[str, ...], str], ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    update_schema: bool = True
    rows: int | None = None


def demand_fits(written: Written, table: Table) -> None:
    """Raises InvalidInput if readers of `table` could not read what was written to it."""
    what = f"a sink to {table.database}.{table.name}"
    keys = tuple(key.name for key in written.partition_keys)
    if keys != table.key_names:
        given, wanted = ", ".join(keys) or "none", ", ".join(table.key_names) or "none"
        raise InvalidInput(what=what, why=f"its partitionKeys are {given}, and the table has {wanted}.")
    stored, _ = reader_of(table)
    if stored != written.format:
        raise InvalidInput(what=what, why=f"its format is {written.format}, and the table's is {stored}.")


def catalog_changes(written: Written, existing: Table | None) -> list[CatalogChange]:
    """How the catalog takes in what was written: a new table, or new columns and types of an old one; and partitions.

    With `update_schema` off (updateBehavior LOG) an existing table keeps its columns, and takes in only partitions
    that have no others.
    """
    if existing is None:
        table = _table(written)
        return [CreateTable(table, _partitions(written, table.storage))]
    steps: list[Change] = []
    known = {column.name: column for column in existing.storage.columns}
    if not written.update_schema and not {column.name.lower() for column in written.columns} <= known.keys():
        return []
    if written.update_schema:
        for column in written.columns:
            before = known.get(column.name.lower())  # the catalog's names are folded, a script's are not
            if before is None:
                steps.append(AddColumn(column))
            elif before.type != column.type:
                steps.append(RetypeColumn(before.name, column.type))
    found = _partitions(written, apply_all(existing, steps).storage)
    changes: list[CatalogChange] = []
    if steps:
        changes.append(AlterTable(existing.database, existing.name, tuple(steps), existing.token))
    if found:
        changes.append(PutPartitions(existing.database, existing.name, found))
    return changes


def _table(written: Written) -> Table:
    input_format, output_format, serde = stored_as(written.format)
    parameters: Parameters = {"classification": written.format}
    serde_parameters: Parameters = {"serialization.format": "1"}
    if written.format == "csv":
        separator = str(_option(written.options, "separator") or ",")
        serde_parameters = {"field.delim": separator}
        parameters |= {
            "delimiter": separator,
            "skip.header.line.count": "1" if _has_header(written.options) else "0",
        }
    storage = StorageDescriptor(
        columns=written.columns,
        location=written.location,
        input_format=input_format,
        output_format=output_format,
        serde=SerDe(serde, serde_parameters),
    )
    return Table(written.database, written.table, storage, partition_keys=written.partition_keys, parameters=parameters)


def _option(options: Mapping[str, object], name: str) -> object:
    """An option by its name, however a script writes it."""
    return next((value for given, value in options.items() if given.lower() == name.lower()), None)


def _has_header(options: Mapping[str, object]) -> bool:
    """Glue writes a header unless told not to."""
    return str(_option(options, "writeHeader")).lower() not in ("false", "0")


def _partitions(written: Written, storage: StorageDescriptor) -> tuple[Partition, ...]:
    return tuple(Partition(values, replace(storage, location=where)) for values, where in written.partitions)
