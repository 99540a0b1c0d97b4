"""A table that a client read, changed and wrote back, as it is to be stored. Pure.

Spark sends a whole new definition for the smallest change. It holds what was added for show (see `spark_view`), it
lacks what Hive has no word for, and parts of it are made anew by Spark's client: locations in another spelling, an
empty list of storage parameters. Only what the user changed may reach the catalog, or each gathering of statistics
would make a version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from api.hive.spark_types import schema_columns
from api.hive.spark_view import LAZY_SERDE, PROVIDER, SCHEMA, SOURCES, View, is_spark_s, shown, spark_lacks, view_of
from api.hive.translate import CHANGED_AT, seconds, told_type
from catalog.model import Column, Parameters, Partition, SerDe, StorageDescriptor, Table

# What Spark's client writes about a data source table, besides the parameters in `SOURCES`.
_BOOKKEEPING = ("spark.sql.partitionProvider", "spark.sql.create.version")
_FORMAT = "serialization.format"
_FILLED_IN = "from deserializer"  # the comment of columns for which Spark's client asks the SerDe, as it does some
_OPTIONS = frozenset(["path", "header", "sep", "quote", "escape", "nullValue", "encoding", "multiLine"])


def stored(base: Table, returned: Table) -> Table:
    """`returned`, which a client made out of what it was shown of `base`, as it is to be stored in place of `base`."""
    returned = replace(
        returned,
        description=base.description,
        last_accessed_at=_accessed(base, returned),
        parameters=_without_time(base.parameters, returned.parameters),
        table_type=base.table_type if returned.table_type == told_type(base) else returned.table_type,
        partition_keys=_with_parameters(base.partition_keys, returned.partition_keys),
        storage=_restored(base.storage, returned.storage),
    )
    view = view_of(base)
    if is_spark_s(base) or returned.parameters.get(PROVIDER) != (view and view.parameters[PROVIDER]):
        return returned  # it is Spark's own, or another tool's that says so now
    schema = returned.parameters.get(SCHEMA)
    returned = replace(returned, parameters=_without_bookkeeping(base.parameters, returned.parameters))
    return returned if view is None else _unviewed(base, view, returned, schema)


def stored_partitions(table: Table, returned: Iterable[Partition]) -> Iterator[Partition]:
    """Partitions that a client made out of what it was shown of their table, without the reader's options."""
    view = view_of(table)
    if view is None:
        yield from returned
        return
    for partition in returned:
        parameters = _without_options(view, partition.storage.serde.parameters)
        library = _library(table.storage, partition.storage)
        serde = replace(partition.storage.serde, library=library, parameters=parameters)
        yield replace(partition, storage=replace(partition.storage, serde=serde))


def unshown(table: Table) -> Table:
    """What `table` was before a service of ours showed it; one that was shown as it is stays so."""
    parameters = {
        name: value
        for name, value in table.parameters.items()
        if not name.startswith(SOURCES) and name != _BOOKKEEPING[0]
    }
    given = {name: value for name, value in table.storage.serde.parameters.items() if name not in _OPTIONS}
    storage = replace(table.storage, serde=replace(table.storage.serde, parameters=given))
    bare = replace(table, parameters=parameters, storage=storage)
    return bare if shown(bare) == table else table


def _accessed(base: Table, returned: Table) -> datetime | None:
    """In whole seconds on the wire: within the second that was told, it has not changed."""
    same = seconds(returned.last_accessed_at) in (0, seconds(base.last_accessed_at))
    return base.last_accessed_at if same else returned.last_accessed_at


def _without_time(base: Parameters, returned: Parameters) -> Parameters:
    """The time of the last change was added for show, unless the table has one of its own."""
    if CHANGED_AT in base or CHANGED_AT not in returned:
        return returned
    return {name: value for name, value in returned.items() if name != CHANGED_AT}


def _restored(base: StorageDescriptor, returned: StorageDescriptor) -> StorageDescriptor:
    """`returned` with what Spark's client cannot carry, out of `base`."""
    parameters = dict(returned.serde.parameters)
    if _FORMAT not in base.serde.parameters and parameters.get(_FORMAT) == "1":
        del parameters[_FORMAT]
    return replace(
        returned,
        columns=_with_parameters(base.columns, _commented(base.columns, returned.columns)),
        location=_place(base.location, returned.location),
        serde=SerDe(_library(base, returned), parameters, returned.serde.name or base.serde.name),
        compressed=returned.compressed or base.compressed,
        parameters=returned.parameters or base.parameters,
        stored_as_sub_directories=base.stored_as_sub_directories,
    )


def _library(base: StorageDescriptor, returned: StorageDescriptor) -> str | None:
    """The SerDe's class, which was shown as another if Spark's client lacks it."""
    shown_as_lazy = returned.serde.library == LAZY_SERDE and spark_lacks(base.serde.library)
    return base.serde.library if shown_as_lazy else returned.serde.library


def _without_bookkeeping(base: Parameters, returned: Parameters) -> Parameters:
    return {
        name: value
        for name, value in returned.items()
        if not name.startswith(SOURCES) and (name not in _BOOKKEEPING or name in base)
    }


def _unviewed(base: Table, view: View, returned: Table, schema: str | None) -> Table:
    """`returned` without the view. What the client changed of it is understood: another path is another location,
    another schema other columns."""
    storage = returned.storage
    place = _place(base.storage.location, storage.serde.parameters.get("path"))
    storage = replace(
        storage,
        columns=_columns(base, view, schema, storage.columns),
        location=storage.location if place == base.storage.location else place,
        serde=replace(storage.serde, parameters=_without_options(view, storage.serde.parameters)),
    )
    return replace(returned, storage=storage)


def _columns(base: Table, view: View, schema: str | None, returned: tuple[Column, ...]) -> tuple[Column, ...]:
    """Those that the returned schema describes, if it is not the one that was shown; but the returned ones if they are
    others, as clients change them who know of no schema. Spark keeps the two alike, or puts a placeholder."""
    described = base.storage.columns
    if schema not in (None, view.parameters[SCHEMA]):
        columns = tuple(column for column in schema_columns(schema) if column.name not in base.key_names)
        described = _with_parameters(base.storage.columns, columns)
    kept = _is_placeholder(returned) or returned in (described, base.storage.columns)
    return described if kept else returned


def _is_placeholder(columns: tuple[Column, ...]) -> bool:
    """Whether they are what Spark writes for columns that Hive cannot have, and that its schema alone describes."""
    return [(column.name, column.type) for column in columns] == [("col", "array<string>")]


def _commented(base: tuple[Column, ...], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    if columns == base:
        return columns
    before = {column.name: column.comment for column in base}
    return tuple(
        replace(column, comment=before.get(column.name)) if column.comment == _FILLED_IN else column
        for column in columns
    )


def _with_parameters(base: tuple[Column, ...], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    if columns == base:
        return columns
    before = {column.name: column.parameters for column in base}
    kept = ((column, before.get(column.name, {})) for column in columns)
    return tuple(column if column.parameters == own else replace(column, parameters=own) for column, own in kept)


def _place(base: str | None, returned: str | None) -> str | None:
    """`returned`, in `base`'s spelling if it is the same place, or if nothing was returned."""
    return base if returned is None or _spelled(returned) == _spelled(base or "") else returned


def _spelled(place: str) -> str:
    """As Hadoop's Path prints it: no slash at the end, one after `file:`."""
    return place.replace("file:///", "file:/", 1).rstrip("/")


def _without_options(view: View, returned: Parameters) -> Parameters:
    """The SerDe's parameters less the options added for show, except one to which the client gave another value."""
    return {
        name: value
        for name, value in returned.items()
        if name not in view.options or (name != "path" and view.options[name] != value)
    }
