"""The methods of Hive 3 and 4 that take one request with all they need: each asks a plain one, and wraps its answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from api.hive.bindings import hive
from api.hive.encoding import Encoded, wrapped
from api.hive.methods import method
from api.hive.session import Handler, Session


@dataclass(frozen=True)
class _Twin:
    """`fields`: of the plain method's arguments, the request's fields that give them. `answer`: the struct that wraps
    the answer, and its field after a dot (none for a struct without fields); empty if nothing wraps it."""

    plain: str
    fields: str
    answer: str = ""


_TABLE = "db_name=dbName tbl_name=tblName"
_FIELDS = "db_name=dbName table_name=tblName"
_TWINS = {
    "get_database_req": _Twin("get_database", "name=name"),
    "alter_database_req": _Twin("alter_database", "dbname=oldDbName db=newDb"),
    "drop_table_req": _Twin("drop_table", "dbname=dbName name=tableName deleteData=deleteData"),
    "alter_table_req": _Twin(
        "alter_table_with_environment_context",
        "dbname=dbName tbl_name=tableName new_tbl=table environment_context=environmentContext",
        "AlterTableResponse",
    ),
    "truncate_table_req": _Twin(
        "truncate_table", "dbName=dbName tableName=tableName partNames=partNames", "TruncateTableResponse"
    ),
    "get_fields_req": _Twin("get_fields", _FIELDS, "GetFieldsResponse.fields"),
    "get_schema_req": _Twin("get_schema", _FIELDS, "GetSchemaResponse.fields"),
    "get_partition_req": _Twin("get_partition", f"{_TABLE} part_vals=partVals", "GetPartitionResponse.partition"),
    "get_partitions_req": _Twin("get_partitions", f"{_TABLE} max_parts=maxParts", "PartitionsResponse.partitions"),
    "get_partitions_by_filter_req": _Twin("get_partitions_by_filter", f"{_TABLE} filter=filter max_parts=maxParts"),
    "get_partitions_by_names_req": _Twin(
        "get_partitions_by_names",
        "db_name=db_name tbl_name=tbl_name names=names",
        "GetPartitionsByNamesResult.partitions",
    ),
    "get_partitions_ps_with_auth_req": _Twin(
        "get_partitions_ps_with_auth",
        f"{_TABLE} part_vals=partVals max_parts=maxParts",
        "GetPartitionsPsWithAuthResponse.partitions",
    ),
    "get_partition_names_ps_req": _Twin(
        "get_partition_names_ps",
        f"{_TABLE} part_vals=partValues max_parts=maxParts",
        "GetPartitionNamesPsResponse.names",
    ),
    "alter_partitions_req": _Twin(
        "alter_partitions", "db_name=dbName tbl_name=tableName new_parts=partitions", "AlterPartitionsResponse"
    ),
    "rename_partition_req": _Twin(
        "rename_partition",
        "db_name=dbName tbl_name=tableName part_vals=partVals new_part=newPart",
        "RenamePartitionResponse",
    ),
    "update_table_column_statistics_req": _Twin("set_aggr_stats_for", "request=", "SetPartitionsStatsResponse.result"),
    "update_partition_column_statistics_req": _Twin(
        "set_aggr_stats_for", "request=", "SetPartitionsStatsResponse.result"
    ),
}


def handlers(plain: dict[str, Handler]) -> dict[str, Handler]:
    """Those of the twins, over those of the plain methods."""
    return {name: partial(_asked, twin, plain[twin.plain]) for name, twin in _TWINS.items()}


def request_of(call: Any) -> Any:
    """The one argument."""
    return getattr(call, call.thrift_spec[1][1])


def _asked(twin: _Twin, plain: Handler, session: Session, call: Any) -> Any:
    request = request_of(call)
    arguments: Any = method(twin.plain).arguments()
    for pair in twin.fields.split():
        name, _, field = pair.partition("=")
        setattr(arguments, name, getattr(request, field) if field else request)
    result = plain(session, arguments)
    struct, _, field = twin.answer.partition(".")
    if not struct:
        return result
    if isinstance(result, Encoded):
        return wrapped(result)
    return getattr(hive, struct)(**({field: result} if field else {}))
