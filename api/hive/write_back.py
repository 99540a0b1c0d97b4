"""A table that a client read, changed and wrote back, as it is to be stored. Pure.

Spark sends a whole new definition for the smallest change. It holds what was added for show (see `spark_view`), it
lacks what Hive has no word for, and parts of it are made anew by Spark's client: locations in another spelling, an
empty list of storage parameters. Only what the user changed may reach the catalog, or each gathering of statistics
would make a version.
"""

from __future__ import annotations

from dataclasses import replace

from api.hive.spark_types import schema_columns
from api.hive.spark_view import LAZY_SERDE, PROVIDER, SCHEMA, SOURCES, View, is_spark_s, spark_lacks, view_of
from api.hive.translate import told_type
from catalog.model import Column, Parameters, Partition, SerDe, StorageDescriptor, Table

# What Spark's client writes about a data source table, besides the parameters in `SOURCES`.
_BOOKKEEPING = ("spark.sql.partitionProvider", "spark.sql.create.version")
_FORMAT = "serialization.format"


def stored(base: Table, returned: Table) -> Table:
    """`returned`, which a client made out of what it was shown of `base`, as it is to be stored in place of `base`."""
    returned = replace(
        returned,
        description=base.description,
        last_accessed_at=base.last_accessed_at,
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


def stored_partition(table: Table, returned: Partition) -> Partition:
    """A partition that a client made out of what it was shown of its table, without the reader's options."""
    view = view_of(table)
    if view is None:
        return returned
    parameters = _without_options(view, returned.storage.serde.parameters)
    serde = replace(returned.storage.serde, library=table.storage.serde.library, parameters=parameters)
    return replace(returned, storage=replace(returned.storage, serde=serde))


def _restored(base: StorageDescriptor, returned: StorageDescriptor) -> StorageDescriptor:
    """`returned` with what Spark's client cannot carry, out of `base`."""
    parameters = dict(returned.serde.parameters)
    if _FORMAT not in base.serde.parameters and parameters.get(_FORMAT) == "1":
        del parameters[_FORMAT]
    library = returned.serde.library
    if library == LAZY_SERDE and spark_lacks(base.serde.library):
        library = base.serde.library
    return replace(
        returned,
        columns=_with_parameters(base.columns, returned.columns),
        location=_place(base.location, returned.location),
        serde=SerDe(library, parameters, returned.serde.name or base.serde.name),
        compressed=returned.compressed or base.compressed,
        parameters=returned.parameters or base.parameters,
        stored_as_sub_directories=base.stored_as_sub_directories,
    )


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
        columns=_columns(base, view, schema),
        location=storage.location if place == base.storage.location else place,
        serde=replace(storage.serde, parameters=_without_options(view, storage.serde.parameters)),
    )
    return replace(returned, partition_keys=base.partition_keys, storage=storage)


def _columns(base: Table, view: View, schema: str | None) -> tuple[Column, ...]:
    """The columns that the returned schema describes, if it is not the one that was shown."""
    if schema in (None, view.parameters[SCHEMA]):
        return base.storage.columns
    columns = tuple(column for column in schema_columns(schema) if column.name not in base.key_names)
    return _with_parameters(base.storage.columns, columns)


def _with_parameters(base: tuple[Column, ...], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    before = {column.name: column.parameters for column in base}
    return tuple(replace(column, parameters=before.get(column.name, {})) for column in columns)


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
