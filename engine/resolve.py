"""From a catalog table, its files and a bookmark to a read plan; and from what a run wrote to catalog changes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from engine.bookmarks import FileSeen, select_new
from engine.errors import UnsupportedSource
from engine.model import RunSource, SourceState

_HIVE_TEXT = (
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
)
_STORED_AS = {
    "csv": (*_HIVE_TEXT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    "json": (*_HIVE_TEXT, "org.openx.data.jsonserde.JsonSerDe"),
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
}
_FORMAT_OF_SERDE = {
    "LazySimpleSerDe": "csv",
    "OpenCSVSerde": "csv",
    "JsonSerDe": "json",
    "JsonSerde": "json",
    "ParquetHiveSerDe": "parquet",
    "OrcSerde": "orc",
}


@dataclass(frozen=True)
class Group:
    """Files of one partition (`values` in the order of the keys), or of an unpartitioned source (no values)."""

    values: tuple[str, ...]
    location: str
    files: tuple[FileSeen, ...]


@dataclass(frozen=True)
class ReadPlan:
    """All that a run's process needs to read a source. `options` are in the words of Glue's format_options."""

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


def reader_of(table: Table) -> tuple[str, dict[str, object]]:
    """The format of a table's files and the options to read them. Raises UnsupportedSource, naming the SerDe."""
    serde = table.storage.serde
    name = (serde.library or "").rpartition(".")[2]
    kind = _FORMAT_OF_SERDE.get(name)
    if kind is None:
        what = f"table {table.database}.{table.name}"
        raise UnsupportedSource(what=what, why=f"jobs do not read SerDe {serde.library or 'none'} yet.")
    if kind != "csv":
        return kind, {}
    header = table.parameters.get("skip.header.line.count", "0") != "0"
    if name == "OpenCSVSerde":
        options: dict[str, object] = {
            "separator": serde.parameters.get("separatorChar", ","),
            "quoteChar": serde.parameters.get("quoteChar", '"'),
            "escaper": serde.parameters.get("escapeChar"),
        }
    else:
        separator = serde.parameters.get("field.delim") or serde.parameters.get("serialization.format") or "1"
        escaper = serde.parameters.get("escape.delim")
        options = {"separator": _sign(separator), "quoteChar": '"', "escaper": escaper and _sign(escaper)}
    return kind, {**options, "withHeader": header}


def _sign(text: str) -> str:
    """A delimiter of LazySimpleSerDe: as Hive reads it, the code of a sign (`1` is Ctrl-A, `9` a tab), or a sign."""
    return chr(int(text)) if re.fullmatch("[0-9]{1,3}", text) and int(text) < 128 else text


def plan_read(
    table: Table, groups: Sequence[Group], state: SourceState | None, listed_at_ms: int, context: str, tracked: bool
) -> tuple[ReadPlan, RunSource | None]:
    """What to read of `groups`, and what to record of it. Untracked, everything is read and nothing recorded."""
    kind, options = reader_of(table)
    total = sum(len(group.files) for group in groups)
    source = None
    if tracked:
        new, following = select_new([file for group in groups for file in group.files], state, listed_at_ms)
        wanted = {file.path for file in new}
        groups = [replace(group, files=tuple(file for file in group.files if file.path in wanted)) for group in groups]
        name = f"{table.database}.{table.name}" if table.database else table.storage.location or table.name
        source = RunSource(context, name, len(new), total - len(new), following)
    kept = tuple(group for group in groups if group.files)
    selected = sum(len(group.files) for group in kept)
    plan = ReadPlan(
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
    return plan, source


@dataclass(frozen=True)
class Written:
    """What a run's sink wrote: where, in which shape, and into which partitions (values and location of each)."""

    database: str
    table: str
    location: str
    format: str
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...] = ()
    partitions: tuple[tuple[tuple[str, ...], str], ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    update_schema: bool = True


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

    With `update_schema` off (updateBehavior LOG) an existing table keeps its columns.
    """
    if existing is None:
        table = _table(written)
        return [CreateTable(table, _partitions(written, table.storage))]
    steps: list[Change] = []
    if written.update_schema:
        known = {column.name: column for column in existing.storage.columns}
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
        separator = str(written.options.get("separator") or ",")
        serde_parameters = {"field.delim": separator}
        parameters |= {
            "delimiter": separator,
            "skip.header.line.count": str(int(written.options.get("writeHeader") is not False)),
        }
    storage = StorageDescriptor(
        columns=written.columns,
        location=written.location,
        input_format=input_format,
        output_format=output_format,
        serde=SerDe(serde, serde_parameters),
    )
    return Table(written.database, written.table, storage, partition_keys=written.partition_keys, parameters=parameters)


def stored_as(format: str) -> tuple[str, str, str]:
    """Input format, output format and SerDe of a format that jobs write. Raises UnsupportedSource."""
    if format not in _STORED_AS:
        raise UnsupportedSource(what=f"format {format}", why=f"the catalog takes in {', '.join(sorted(_STORED_AS))}.")
    return _STORED_AS[format]


def _partitions(written: Written, storage: StorageDescriptor) -> tuple[Partition, ...]:
    return tuple(Partition(values, replace(storage, location=where)) for values, where in written.partitions)
