"""Methods about column statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from api.hive.bindings import hive
from api.hive.failures import unsupported
from api.hive.identifiers import database_name
from api.hive.session import Handler, Session
from catalog import statistics
from catalog.aggregation import aggregated
from catalog.errors import NotFound
from catalog.model import Partition, Table
from catalog.names import unescape_partition_value
from catalog.statistics import ColumnStatistics, Values

# The catalog's kinds have their fields in the order of Hive's, which are the members of its ColumnStatisticsData.
_KINDS: dict[str, tuple[type[Values], type]] = {
    f"{name}Stats": (kind, getattr(hive, f"{name.capitalize()}ColumnStatsData"))
    for name, kind in statistics.KINDS.items()
}
_BOUNDS = ("lowValue", "highValue")  # of a column without values there are none; all else is a number


def _table(session: Session, database: str, name: str) -> Table:
    return session.catalog.get_table(database_name(database), name)


def partition_named(table: Table, name: str) -> str:
    """The partition's name as the catalog spells it; `name` itself if it is none of this table's."""
    values = tuple(unescape_partition_value(part.partition("=")[2]) for part in (name or "").split("/"))
    return Partition(values).name(table) if len(values) == len(table.partition_keys) else name or ""


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _update(session: Session, call: Any) -> bool:
    _put(session, [call.stats_obj])
    return True


def _set_aggr_stats_for(session: Session, call: Any) -> bool:
    if call.request.needMerge:
        raise unsupported("Merging column statistics", "send those of all rows, without needMerge.")
    _put(session, call.request.colStats or [])
    return True


def _put(session: Session, structs: Sequence[Any]) -> None:
    """Those of a table, or of many partitions of one table in one transaction."""
    of_partitions: dict[tuple[str, str], dict[str, list[ColumnStatistics]]] = {}
    with _missing_columns_told():
        for struct in structs:
            of = struct.statsDesc
            table = _table(session, of.dbName, of.tableName)
            new = [statistics_value(each) for each in struct.statsObj or ()]
            if of.isTblLevel:
                session.catalog.put_table_statistics(table.database, table.name, new)
            else:
                named = of_partitions.setdefault((table.database, table.name), {})
                named.setdefault(partition_named(table, of.partName), []).extend(new)
        for (database, name), each in of_partitions.items():
            session.catalog.put_partition_statistics(database, name, each)


@contextmanager
def _missing_columns_told() -> Iterator[None]:
    """Hive tells a column that is missing as a MetaException, and only a table or partition as missing."""
    try:
        yield
    except NotFound as error:
        if error.facts["kind"] == "Column":
            raise hive.MetaException(str(error)) from error
        raise


def _delete_table_statistics(session: Session, call: Any) -> bool:
    database = database_name(call.db_name)
    return _gone(session.catalog.delete_table_statistics(database, call.tbl_name, call.col_name or None), call)


def _delete_partition_statistics(session: Session, call: Any) -> bool:
    table = _table(session, call.db_name, call.tbl_name)
    name = partition_named(table, call.part_name)
    deleted = session.catalog.delete_partition_statistics(table.database, table.name, name, call.col_name or None)
    return _gone(deleted, call)


def _gone(count: int, call: Any) -> bool:
    if not count:
        raise hive.NoSuchObjectException(f"{call.db_name}.{call.tbl_name} has no statistics of {call.col_name}.")
    return True


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _get_table_statistics(session: Session, call: Any) -> Any:
    """Nothing if there are none, as Hive answers."""
    table = _table(session, call.db_name, call.tbl_name)
    found = session.catalog.get_table_statistics(table.database, table.name, [call.col_name])
    return _whole(table, None, found) if found else None


def _get_partition_statistics(session: Session, call: Any) -> Any:
    table = _table(session, call.db_name, call.tbl_name)
    name = partition_named(table, call.part_name)
    found = session.catalog.get_partition_statistics(table.database, table.name, [name], [call.col_name])
    return _whole(table, name, found[name]) if found else None


def _get_table_statistics_req(session: Session, call: Any) -> Any:
    of = call.request
    found = session.catalog.get_table_statistics(database_name(of.dbName), of.tblName, of.colNames or ())
    return hive.TableStatsResult(tableStats=[statistics_struct(each) for each in found])


def _get_partitions_statistics_req(session: Session, call: Any) -> Any:
    of = call.request
    table = _table(session, of.dbName, of.tblName)
    asked = {partition_named(table, name): name for name in of.partNames or ()}
    found = session.catalog.get_partition_statistics(table.database, table.name, asked, of.colNames or ())
    return hive.PartitionsStatsResult(
        partStats={asked[name]: [statistics_struct(each) for each in columns] for name, columns in found.items()}
    )


def _get_aggr_stats_for(session: Session, call: Any) -> Any:
    """What is known of the named partitions together, and how many have statistics of all the columns."""
    of = call.request
    table = _table(session, of.dbName, of.tblName)
    names = [partition_named(table, name) for name in of.partNames or ()]
    columns = {name.lower() for name in of.colNames or ()}
    found = session.catalog.get_partition_statistics(table.database, table.name, names, columns)
    together = aggregated(each for of_columns in found.values() for each in of_columns)
    whole = sum(columns <= {each.column for each in of_columns} for of_columns in found.values())
    return hive.AggrStats(colStats=[statistics_struct(each) for each in together], partsFound=whole if columns else 0)


# ── the wire ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _whole(table: Table, partition: str | None, found: list[ColumnStatistics]) -> Any:
    analyzed = max((each.analyzed_at for each in found if each.analyzed_at), default=None)
    of = hive.ColumnStatisticsDesc(
        isTblLevel=partition is None,
        dbName=table.database,
        tableName=table.name,
        partName=partition,
        lastAnalyzed=int(analyzed.timestamp()) if analyzed else 0,
    )
    return hive.ColumnStatistics(statsDesc=of, statsObj=[statistics_struct(each) for each in found])


def statistics_struct(found: ColumnStatistics) -> Any:
    member, made = next((name, made) for name, (kind, made) in _KINDS.items() if kind is type(found.values))
    numbers = zip(_names(made), vars(found.values).values(), strict=True)
    wrapped = _date if member == "dateStats" else _decimal if member == "decimalStats" else _as_it_is
    data = made(**{name: wrapped(each) if name in _BOUNDS else each for name, each in numbers})
    return hive.ColumnStatisticsObj(
        colName=found.column, colType=found.type, statsData=hive.ColumnStatisticsData(**{member: data})
    )


def statistics_value(struct: Any) -> ColumnStatistics:
    """Raises InvalidObjectException for statistics that say nothing, or nothing that we know of."""
    for member, (kind, made) in _KINDS.items():
        data = getattr(struct.statsData, member, None)
        if data is not None:
            numbers = [_number(getattr(data, name), name in _BOUNDS) for name in _names(made)]
            return ColumnStatistics(struct.colName or "", struct.colType or "", kind(*numbers))
    raise hive.InvalidObjectException(f"The statistics of column {struct.colName} are of no known kind.")


def _names(made: Any) -> list[str]:
    return [field[1] for field in made.thrift_spec.values()]


def _number(field: Any, bound: bool) -> Any:
    if isinstance(field, hive.Date):
        return field.daysSinceEpoch
    if isinstance(field, hive.Decimal):
        unscaled = int.from_bytes(field.unscaled or b"", "big", signed=True)
        return Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -(field.scale or 0)))
    return field if bound else field or 0


def _as_it_is(bound: float | None) -> float | None:
    return bound


def _date(days: int | None) -> Any:
    return None if days is None else hive.Date(daysSinceEpoch=days)


def _decimal(number: Decimal | None) -> Any:
    """A whole number, as big-endian bytes in two's complement, and how many of its digits stand after the point."""
    if number is None:
        return None
    sign, digits, exponent = number.as_tuple()
    whole = int("".join(map(str, digits))) * (-1 if sign else 1)
    unscaled = whole.to_bytes(whole.bit_length() // 8 + 1, "big", signed=True)
    return hive.Decimal(unscaled=unscaled, scale=-int(exponent))


HANDLERS: dict[str, Handler] = {
    "update_table_column_statistics": _update,
    "update_partition_column_statistics": _update,
    "set_aggr_stats_for": _set_aggr_stats_for,
    "get_table_column_statistics": _get_table_statistics,
    "get_partition_column_statistics": _get_partition_statistics,
    "get_table_statistics_req": _get_table_statistics_req,
    "get_partitions_statistics_req": _get_partitions_statistics_req,
    "get_aggr_stats_for": _get_aggr_stats_for,
    "delete_table_column_statistics": _delete_table_statistics,
    "delete_partition_column_statistics": _delete_partition_statistics,
}
