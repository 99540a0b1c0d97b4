"""New folders only: partitions for tables that exist, from folders that were not there before; no table is made."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from catalog.errors import InvalidType
from catalog.model import Column, Table
from catalog.types import parse
from crawlers.clean_columns import cleaned
from crawlers.drafts import CRAWLER, Draft, draft
from crawlers.formats import Field, Schema, avro, orc, parquet
from crawlers.gathering import Gathered, Request
from crawlers.grouping import Group, Leaf, split_name
from crawlers.inference import columns, containment, is_by_position, merge
from crawlers.lattice import holds
from crawlers.likeness import THRESHOLD
from crawlers.model import ColumnNames, Target
from crawlers.naming import is_below, path_below
from crawlers.reading import Seen
from crawlers.recognition import conflict, layout
from crawlers.report import Note

# What all files of a table must agree in, as its parameters say it; and what one that is not there means.
_NATURE = {"classification": None, "compressionType": "none", "delimiter": None, "skip.header.line.count": "0"}
_TYPED = frozenset((avro.NAME, orc.NAME, parquet.NAME))
NO_TABLE = "it is a new folder that no table of the crawler can have as a partition"


def add_partitions(gathered: Gathered, seen: Seen, target: Target, request: Request) -> None:
    """Draft each of the crawler's tables with those of the new folders that fit it; the others are skipped.

    A draft has the new partitions alone, so what it lacks is not gone: no root is told of.
    """
    gathered.roots = ()
    tables = [table for table in request.tables if table.parameters.get(CRAWLER) == request.crawler.name]
    fitting: dict[str, list[Leaf]] = defaultdict(list)
    for leaf in seen.leaves:
        where = seen.place_of(leaf.path, "")
        table = _table_of(where, tables)
        why = NO_TABLE if table is None else _unfit(leaf, table, seen.root, request)
        if table is not None and why is None:
            fitting[table.name].append(leaf)
            continue
        gathered.skipped.append(Note(where, why or NO_TABLE))
        gathered.log.append(f"{where}: {why}.")
    for table in tables:
        if leaves := fitting.get(table.name):
            depth = len(leaves[0].path) - len(table.partition_keys)
            keys = tuple(split_name(name)[0] for name in leaves[0].path[depth:])
            schema = merge([schema for leaf in leaves for schema in leaf.schemas.values()])
            found = Group(leaves[0].path[:depth], None, keys, schema, tuple(leaves), (), "New folders of its own.")
            location = table.storage.location or ""
            made = draft(table.name, location, found, seen.findings, request.crawler, target)
            gathered.drafts.append(replace(_spelled(made, request), fixed=True))


def _table_of(where: str, tables: list[Table]) -> Table | None:
    """The table in whose folder a location lies, the innermost."""
    above = [
        table
        for table in tables
        if table.partition_keys and table.storage.location and is_below(where, [table.storage.location])
    ]
    return max(above, key=lambda table: len(table.storage.location or ""), default=None)


def _unfit(leaf: Leaf, table: Table, root: str, request: Request) -> str | None:
    """Why the folder is no partition of the table; None if it is one."""
    inside = leaf.path[len(path_below(table.storage.location or "", root) or ()) :]
    names = [split_name(name)[0] for name in inside]
    if len(inside) != len(table.partition_keys) or any(
        name not in (None, key) for name, key in zip(names, table.key_names, strict=True)
    ):
        return f"it is a new folder, not laid out by the keys of table {table.name} ({', '.join(table.key_names)})"
    return next((why for schema in set(leaf.schemas.values()) if (why := _unlike(schema, table, request))), None)


def _unlike(schema: Schema, table: Table, request: Request) -> str | None:
    """Why a reader of the table would not read files of this schema."""
    form = layout(schema)
    nature = {"classification": schema.classification, "compressionType": schema.trait("compression")}
    nature |= form.parameters
    for name, absent in _NATURE.items():
        old, new = table.parameters.get(name, absent), nature.get(name, absent)
        if old is not None and old != new:
            return f"it is a new folder whose {name} is {new}, not {old} as that of table {table.name}"
    here = replace(table.storage, columns=columns(schema, table.key_names, form)[0])
    made = _spelled(Draft(replace(table, storage=here), by_position=is_by_position(schema.format)), request)
    declared = replace(schema, fields=_fields(table.storage.columns))
    found = replace(schema, fields=_fields(made.table.storage.columns))
    if containment(declared, found) <= THRESHOLD:
        return f"it is a new folder whose columns are not like those of table {table.name}"
    why = conflict(declared, found) or _too_wide(declared, found)
    return f"it is a new folder that table {table.name} cannot have: {why}" if why else None


def _too_wide(declared: Schema, found: Schema) -> str | None:
    """Which column's values a reader that goes by the table's types would fail on: files that bear types say theirs,
    and in those that are text a value that does not fit is null."""
    known = {field.name: field.type for field in declared.fields}
    for field in found.fields if found.format in _TYPED else ():
        kind = known.get(field.name, field.type)
        if not holds(kind, field.type):
            return f"its column {field.name} is {field.type}, which {kind} does not hold"
    return None


def _spelled(made: Draft, request: Request) -> Draft:
    return cleaned(made) if request.crawler.configuration.column_names is ColumnNames.CLEAN else made


def _fields(declared: tuple[Column, ...]) -> tuple[Field, ...]:
    found = []
    for column in declared:
        try:
            found.append(Field(column.name, parse(column.parameters.get("inferredType", column.type))))
        except InvalidType:
            continue
    return tuple(found)
