"""The methods of the metastore that are served: one table of what each takes, answers and may raise.

Facts of the wire, as in `bindings`: argument ids count from 1, the result is field 0 of the answer, and the exceptions
follow from 1 in the order in which the method declares them. A method not listed here is unknown to the server, and so
clients learn what they must do without.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from api.hive.bindings import make, numbered

_DATABASE, _TABLE, _PARTITION = "dbname:string", "dbname:string tbl_name:string", "db_name:string tbl_name:string"
_VALUES = f"{_PARTITION} part_vals:list<string>"
_AUTHORITY = "user_name:string group_names:list<string>"
_CONTEXT = "environment_context:EnvironmentContext"
_CREATES = "AlreadyExists InvalidObject Meta"
_ADDS = "InvalidObject AlreadyExists Meta"
# Of column statistics.
_SETS, _GETS = "NoSuchObject InvalidObject Meta InvalidInput", "NoSuchObject Meta InvalidInput InvalidObject"
_DELETES = "NoSuchObject Meta InvalidObject InvalidInput"

# name: (arguments, result, exceptions)
_METHODS = {
    "getName": ("", "string", ""),
    "getVersion": ("", "string", ""),
    "getStatus": ("", "i32", ""),
    "set_ugi": (_AUTHORITY, "list<string>", "Meta"),
    "get_config_value": ("name:string defaultValue:string", "string", "ConfigValSecurity"),
    "get_database": ("name:string", "Database", "NoSuchObject Meta"),
    "get_databases": ("pattern:string", "list<string>", "Meta"),
    "get_all_databases": ("", "list<string>", "Meta"),
    "create_database": ("database:Database", "", _CREATES),
    "alter_database": (f"{_DATABASE} db:Database", "", "Meta NoSuchObject"),
    "drop_database": ("name:string deleteData:bool cascade:bool", "", "NoSuchObject InvalidOperation Meta"),
    "get_table": (_TABLE, "Table", "Meta NoSuchObject"),
    "get_table_req": ("req:GetTableRequest", "GetTableResult", "Meta NoSuchObject"),
    "get_tables": ("db_name:string pattern:string", "list<string>", "Meta"),
    "get_tables_by_type": ("db_name:string pattern:string tableType:string", "list<string>", "Meta"),
    "get_all_tables": ("db_name:string", "list<string>", "Meta"),
    "get_table_meta": ("db_patterns:string tbl_patterns:string tbl_types:list<string>", "list<TableMeta>", "Meta"),
    "get_table_objects_by_name": (
        f"{_DATABASE} tbl_names:list<string>",
        "list<Table>",
        "Meta InvalidOperation UnknownDB",
    ),
    "get_table_objects_by_name_req": ("req:GetTablesRequest", "GetTablesResult", "Meta InvalidOperation UnknownDB"),
    "get_fields": (_PARTITION, "list<FieldSchema>", "Meta UnknownTable UnknownDB"),
    "get_schema": (_PARTITION, "list<FieldSchema>", "Meta UnknownTable UnknownDB"),
    "create_table": ("tbl:Table", "", f"{_CREATES} NoSuchObject"),
    "create_table_with_environment_context": (f"tbl:Table {_CONTEXT}", "", f"{_CREATES} NoSuchObject"),
    "drop_table": (f"{_DATABASE} name:string deleteData:bool", "", "NoSuchObject Meta"),
    "drop_table_with_environment_context": (
        f"{_DATABASE} name:string deleteData:bool {_CONTEXT}",
        "",
        "NoSuchObject Meta",
    ),
    "alter_table": (f"{_TABLE} new_tbl:Table", "", "InvalidOperation Meta"),
    "alter_table_with_environment_context": (f"{_TABLE} new_tbl:Table {_CONTEXT}", "", "InvalidOperation Meta"),
    "get_partition": (_VALUES, "Partition", "Meta NoSuchObject"),
    "get_partition_with_auth": (f"{_VALUES} {_AUTHORITY}", "Partition", "Meta NoSuchObject"),
    "get_partition_by_name": (f"{_PARTITION} part_name:string", "Partition", "Meta NoSuchObject"),
    "get_partitions": (f"{_PARTITION} max_parts:i16", "list<Partition>", "NoSuchObject Meta"),
    "get_partitions_with_auth": (f"{_PARTITION} max_parts:i16 {_AUTHORITY}", "list<Partition>", "NoSuchObject Meta"),
    "get_partitions_by_filter": (f"{_PARTITION} filter:string max_parts:i16", "list<Partition>", "Meta NoSuchObject"),
    "get_partitions_by_names": (f"{_PARTITION} names:list<string>", "list<Partition>", "Meta NoSuchObject"),
    "get_partitions_ps": (f"{_VALUES} max_parts:i16", "list<Partition>", "Meta NoSuchObject"),
    "get_partitions_ps_with_auth": (f"{_VALUES} max_parts:i16 {_AUTHORITY}", "list<Partition>", "NoSuchObject Meta"),
    "get_partition_names": (f"{_PARTITION} max_parts:i16", "list<string>", "Meta"),
    "get_partition_names_ps": (f"{_VALUES} max_parts:i16", "list<string>", "Meta NoSuchObject"),
    "get_num_partitions_by_filter": (f"{_PARTITION} filter:string", "i32", "Meta NoSuchObject"),
    "add_partition": ("new_part:Partition", "Partition", _ADDS),
    "add_partition_with_environment_context": (f"new_part:Partition {_CONTEXT}", "Partition", _ADDS),
    "add_partitions": ("new_parts:list<Partition>", "i32", _ADDS),
    "add_partitions_req": ("request:AddPartitionsRequest", "AddPartitionsResult", _ADDS),
    "alter_partition": (f"{_PARTITION} new_part:Partition", "", "InvalidOperation Meta"),
    "alter_partition_with_environment_context": (
        f"{_PARTITION} new_part:Partition {_CONTEXT}",
        "",
        "InvalidOperation Meta",
    ),
    "alter_partitions": (f"{_PARTITION} new_parts:list<Partition>", "", "InvalidOperation Meta"),
    "alter_partitions_with_environment_context": (
        f"{_PARTITION} new_parts:list<Partition> {_CONTEXT}",
        "",
        "InvalidOperation Meta",
    ),
    "drop_partition": (f"{_VALUES} deleteData:bool", "bool", "NoSuchObject Meta"),
    "drop_partition_with_environment_context": (f"{_VALUES} deleteData:bool {_CONTEXT}", "bool", "NoSuchObject Meta"),
    "rename_partition": (f"{_VALUES} new_part:Partition", "", "InvalidOperation Meta"),
    "lock": ("rqst:LockRequest", "LockResponse", "NoSuchTxn TxnAborted"),
    "check_lock": ("rqst:CheckLockRequest", "LockResponse", "NoSuchTxn TxnAborted NoSuchLock"),
    "unlock": ("rqst:UnlockRequest", "", "NoSuchLock TxnOpen"),
    "heartbeat": ("ids:HeartbeatRequest", "", "NoSuchLock NoSuchTxn TxnAborted"),
    "show_locks": ("rqst:ShowLocksRequest", "ShowLocksResponse", ""),
    "create_function": ("func:Function", "", f"{_CREATES} NoSuchObject"),
    "alter_function": ("dbName:string funcName:string newFunc:Function", "", "InvalidOperation Meta"),
    "drop_function": ("dbName:string funcName:string", "", "NoSuchObject Meta"),
    "get_functions": ("dbName:string pattern:string", "list<string>", "Meta"),
    "get_function": ("dbName:string funcName:string", "Function", "Meta NoSuchObject"),
    "get_all_functions": ("", "GetAllFunctionsResponse", "Meta"),
    "update_table_column_statistics": ("stats_obj:ColumnStatistics", "bool", _SETS),
    "update_partition_column_statistics": ("stats_obj:ColumnStatistics", "bool", _SETS),
    "set_aggr_stats_for": ("request:SetPartitionsStatsRequest", "bool", _SETS),
    "get_table_column_statistics": (f"{_PARTITION} col_name:string", "ColumnStatistics", _GETS),
    "get_partition_column_statistics": (
        f"{_PARTITION} part_name:string col_name:string",
        "ColumnStatistics",
        _GETS,
    ),
    "get_table_statistics_req": ("request:TableStatsRequest", "TableStatsResult", "NoSuchObject Meta"),
    "get_partitions_statistics_req": ("request:PartitionsStatsRequest", "PartitionsStatsResult", "NoSuchObject Meta"),
    "delete_table_column_statistics": (f"{_PARTITION} col_name:string", "bool", _DELETES),
    "delete_partition_column_statistics": (f"{_PARTITION} part_name:string col_name:string", "bool", _DELETES),
}

NAMES = frozenset(_METHODS)


@dataclass(frozen=True)
class Method:
    """`arguments` and `answer` are struct classes; `answer` holds the result as `success` (None: nothing is answered)
    or one of `exceptions`, which are the names of Hive exceptions and of the fields they are sent in."""

    arguments: type
    answer: type
    answers: bool
    exceptions: tuple[str, ...]


@cache
def method(name: str) -> Method:
    """The method's structs, made when it is first called. Raises KeyError for a method that is not served."""
    arguments, result, raised = _METHODS[name]
    exceptions = tuple(f"{short}Exception" for short in raised.split())
    answer = {0: f"success:{result}"} if result else {}
    answer |= {number: f"{exception}:{exception}" for number, exception in enumerate(exceptions, 1)}
    return Method(make(f"{name}_args", numbered(arguments)), make(f"{name}_result", answer), bool(result), exceptions)
