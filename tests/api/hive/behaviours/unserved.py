"""Methods of the metastore that our server does not have: what each takes, answers and may raise.

Facts of the wire as in `api.hive.methods`, for clients alone. One that comes to be served moves there.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from api.hive.bindings import Failure, Struct, hive, make, numbered
from api.hive.methods import Method, method
from benchmarks.peers.hive_client import Client

# A struct's name here begins with Asked, so that it never stands in for one that the server lacks.
_STRUCTS = {
    "AskedResourceUri": "resourceType:i32 uri:string",
    "AskedFunction": "functionName:string dbName:string className:string ownerName:string ownerType:i32 "
    "createTime:i32 functionType:i32 resourceUris:list<AskedResourceUri>",
    "AskedAllFunctions": "functions:list<AskedFunction>",
    "AskedParts": "names:list<string>",
    "AskedDropPartitions": "dbName:string tblName:string parts:AskedParts deleteData:bool ifExists:bool",
    "AskedDropped": "partitions:list<Partition>",
    "AskedLockComponent": "type:i32 level:i32 dbname:string tablename:string partitionname:string operationType:i32",
    "AskedLock": "component:list<AskedLockComponent> txnid:i64 user:string hostname:string agentInfo:string",
    "AskedLockResponse": "lockid:i64 state:i32",
    "AskedLockId": "lockid:i64",
    "AskedShowLocks": "dbname:string tablename:string",
    "AskedShownLock": "lockid:i64 dbname:string tablename:string",
    "AskedShownLocks": "locks:list<AskedShownLock>",
    "AskedLongs": "lowValue:i64 highValue:i64 numNulls:i64 numDVs:i64",
    "AskedStatistics": "booleanStats:string longStats:AskedLongs",
    "AskedColumnStatistics": "colName:string colType:string statsData:AskedStatistics",
    "AskedStatisticsOf": "isTblLevel:bool dbName:string tableName:string partName:string",
    "AskedTableStatistics": "statsDesc:AskedStatisticsOf statsObj:list<AskedColumnStatistics>",
    "AskedStatisticsRequest": "dbName:string tblName:string colNames:list<string>",
    "AskedStatisticsAnswer": "tableStats:list<AskedColumnStatistics>",
    "AskedDatabase": "name:string description:string locationUri:string parameters:map<string,string> "
    "privileges:string ownerName:string ownerType:i32",
    "NoSuchLockException": "message:string",
    "NoSuchTxnException": "message:string",
    "TxnAbortedException": "message:string",
    "TxnOpenException": "message:string",
    "InvalidInputException": "message:string",
}
for _name, _text in _STRUCTS.items():
    if not hasattr(hive, _name):
        setattr(hive, _name, make(_name, numbered(_text), Failure if _name.endswith("Exception") else Struct))

_TABLE = "db_name:string tbl_name:string"
_ADDS = "InvalidObject AlreadyExists Meta"
_LOCKS = "NoSuchTxn TxnAborted NoSuchLock"
_METHODS = {
    "create_function": ("func:AskedFunction", "", "AlreadyExists InvalidObject Meta NoSuchObject"),
    "drop_function": ("dbName:string funcName:string", "", "NoSuchObject Meta"),
    "alter_function": ("dbName:string funcName:string newFunc:AskedFunction", "", "InvalidOperation Meta"),
    "rename_partition": (f"{_TABLE} part_vals:list<string> new_part:Partition", "", "InvalidOperation Meta"),
    "append_partition": (f"{_TABLE} part_vals:list<string>", "Partition", _ADDS),
    "append_partition_by_name": (f"{_TABLE} part_name:string", "Partition", _ADDS),
    "drop_partition_by_name": (f"{_TABLE} part_name:string deleteData:bool", "bool", "NoSuchObject Meta"),
    "drop_partitions_req": ("req:AskedDropPartitions", "AskedDropped", "NoSuchObject Meta"),
    "partition_name_has_valid_characters": ("part_vals:list<string> throw_exception:bool", "bool", "Meta"),
    "partition_name_to_vals": ("part_name:string", "list<string>", "Meta"),
    "partition_name_to_spec": ("part_name:string", "map<string,string>", "Meta"),
    "get_table_names_by_filter": (
        "dbname:string filter:string max_tables:i16",
        "list<string>",
        "Meta InvalidOperation UnknownDB",
    ),
    "lock": ("rqst:AskedLock", "AskedLockResponse", "NoSuchTxn TxnAborted"),
    "check_lock": ("rqst:AskedLockId", "AskedLockResponse", _LOCKS),
    "unlock": ("rqst:AskedLockId", "", "NoSuchLock TxnOpen"),
    "show_locks": ("rqst:AskedShowLocks", "AskedShownLocks", ""),
    "update_table_column_statistics": (
        "stats_obj:AskedTableStatistics",
        "bool",
        "NoSuchObject InvalidObject Meta InvalidInput",
    ),
    "get_table_column_statistics": (
        f"{_TABLE} col_name:string",
        "AskedTableStatistics",
        "NoSuchObject Meta InvalidInput InvalidObject",
    ),
    "get_table_statistics_req": ("request:AskedStatisticsRequest", "AskedStatisticsAnswer", "NoSuchObject Meta"),
    "delete_table_column_statistics": (
        f"{_TABLE} col_name:string",
        "bool",
        "NoSuchObject Meta InvalidObject InvalidInput",
    ),
    "no_such_method": ("", "", ""),
}
# Methods that are served, with a struct that has more fields than the server knows.
_METHODS["create_database owned"] = ("database:AskedDatabase", "", "AlreadyExists InvalidObject Meta")
_METHODS["get_database owned"] = ("name:string", "AskedDatabase", "NoSuchObject Meta")
_METHODS["get_function whole"] = ("dbName:string funcName:string", "AskedFunction", "Meta NoSuchObject")


@cache
def asked_method(name: str) -> Method:
    """As `api.hive.methods.method`, of these methods as well. What follows a space in the name is not sent."""
    if name not in _METHODS:
        return method(name)
    arguments, result, raised = _METHODS[name]
    exceptions = tuple(f"{short}Exception" for short in raised.split())
    answer = {0: f"success:{result}"} if result else {}
    answer |= {number: f"{exception}:{exception}" for number, exception in enumerate(exceptions, 1)}
    return Method(make(f"{name}_args", numbered(arguments)), make(f"{name}_result", answer), bool(result), exceptions)


class AskedClient(Client):
    """A client of these methods as well."""

    def __init__(self, port: int) -> None:
        super().__init__(port, timeout=60, methods=asked_method)

    def send(self, name: str, request: Any) -> None:
        super().send(name.partition(" ")[0], request)
