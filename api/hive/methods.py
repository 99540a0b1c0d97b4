"""The methods of the metastore that are served: one table of what each takes, answers and may raise.

Facts of the wire, as in `bindings`: argument ids count from 1, the result is field 0 of the answer, and the exceptions
follow from 1 in the order in which the method declares them. A method listed neither here nor in `refusals` is unknown
to the server, and so clients learn what they must do without.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from api.hive.bindings import CONSTRAINTS, make, numbered
from api.hive.refusals import REFUSED

_DATABASE, _TABLE, _PARTITION = "dbname:string", "dbname:string tbl_name:string", "db_name:string tbl_name:string"
_VALUES = f"{_PARTITION} part_vals:list<string>"
_NAMED = f"{_PARTITION} part_name:string"
_FIELDS, _UNKNOWN = "db_name:string table_name:string", "Meta UnknownTable UnknownDB"
_AUTHORITY = "user_name:string group_names:list<string>"
_CONTEXT = "environment_context:EnvironmentContext"
_CONSTRAINTS = " ".join(f"{kind[0].lower()}{kind[1:]}s:list<SQL{kind}>" for kind in CONSTRAINTS)
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
    "get_database_req": ("request:GetDatabaseRequest", "Database", "NoSuchObject Meta"),
    "create_database_req": ("createDatabaseRequest:CreateDatabaseRequest", "", _CREATES),
    "alter_database_req": ("alterDbReq:AlterDatabaseRequest", "", "Meta NoSuchObject"),
    "drop_database_req": ("req:DropDatabaseRequest", "", "NoSuchObject InvalidOperation Meta"),
    "get_catalogs": ("", "GetCatalogsResponse", "Meta"),
    "get_catalog": ("catName:GetCatalogRequest", "GetCatalogResponse", "NoSuchObject Meta"),
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
    "get_fields": (_FIELDS, "list<FieldSchema>", _UNKNOWN),
    "get_fields_with_environment_context": (f"{_FIELDS} {_CONTEXT}", "list<FieldSchema>", _UNKNOWN),
    "get_fields_req": ("req:GetFieldsRequest", "GetFieldsResponse", _UNKNOWN),
    "get_schema": (_FIELDS, "list<FieldSchema>", _UNKNOWN),
    "get_schema_with_environment_context": (f"{_FIELDS} {_CONTEXT}", "list<FieldSchema>", _UNKNOWN),
    "get_schema_req": ("req:GetSchemaRequest", "GetSchemaResponse", _UNKNOWN),
    "get_table_names_by_filter": (
        f"{_DATABASE} filter:string max_tables:i16",
        "list<string>",
        "Meta InvalidOperation UnknownDB",
    ),
    "get_tables_ext": ("req:GetTablesExtRequest", "list<ExtendedTableInfo>", "Meta"),
    "get_materialized_views_for_rewriting": ("db_name:string", "list<string>", "Meta"),
    "get_all_materialized_view_objects_for_rewriting": ("", "list<Table>", "Meta"),
    "create_table": ("tbl:Table", "", f"{_CREATES} NoSuchObject"),
    "create_table_with_environment_context": (f"tbl:Table {_CONTEXT}", "", f"{_CREATES} NoSuchObject"),
    "create_table_req": ("request:CreateTableRequest", "", f"{_CREATES} NoSuchObject"),
    "create_table_with_constraints": (f"tbl:Table {_CONSTRAINTS}", "", f"{_CREATES} NoSuchObject"),
    "drop_table_req": ("dropTableReq:DropTableRequest", "", "NoSuchObject Meta"),
    "truncate_table": ("dbName:string tableName:string partNames:list<string>", "", "Meta"),
    "truncate_table_req": ("req:TruncateTableRequest", "TruncateTableResponse", "Meta"),
    "drop_table": (f"{_DATABASE} name:string deleteData:bool", "", "NoSuchObject Meta"),
    "drop_table_with_environment_context": (
        f"{_DATABASE} name:string deleteData:bool {_CONTEXT}",
        "",
        "NoSuchObject Meta",
    ),
    "alter_table": (f"{_TABLE} new_tbl:Table", "", "InvalidOperation Meta"),
    "alter_table_with_environment_context": (f"{_TABLE} new_tbl:Table {_CONTEXT}", "", "InvalidOperation Meta"),
    "alter_table_with_cascade": (f"{_TABLE} new_tbl:Table cascade:bool", "", "InvalidOperation Meta"),
    "alter_table_req": ("req:AlterTableRequest", "AlterTableResponse", "InvalidOperation Meta"),
    "get_partition_req": ("req:GetPartitionRequest", "GetPartitionResponse", "Meta NoSuchObject"),
    "get_partitions_req": ("req:PartitionsRequest", "PartitionsResponse", "NoSuchObject Meta"),
    "get_partitions_by_filter_req": ("req:GetPartitionsByFilterRequest", "list<Partition>", "Meta NoSuchObject"),
    "get_partitions_by_names_req": (
        "req:GetPartitionsByNamesRequest",
        "GetPartitionsByNamesResult",
        "Meta NoSuchObject",
    ),
    "get_partitions_ps_with_auth_req": (
        "req:GetPartitionsPsWithAuthRequest",
        "GetPartitionsPsWithAuthResponse",
        "Meta NoSuchObject",
    ),
    "get_partition_names_ps_req": (
        "req:GetPartitionNamesPsRequest",
        "GetPartitionNamesPsResponse",
        "Meta NoSuchObject",
    ),
    "get_partition_names_req": ("req:PartitionsByExprRequest", "list<string>", "Meta NoSuchObject"),
    "get_partition_values": ("request:PartitionValuesRequest", "PartitionValuesResponse", "Meta NoSuchObject"),
    "get_partitions_pspec": (f"{_PARTITION} max_parts:i32", "list<PartitionSpec>", "NoSuchObject Meta"),
    "get_part_specs_by_filter": (
        f"{_PARTITION} filter:string max_parts:i32",
        "list<PartitionSpec>",
        "Meta NoSuchObject",
    ),
    "partition_name_has_valid_characters": ("part_vals:list<string> throw_exception:bool", "bool", "Meta"),
    "partition_name_to_vals": ("part_name:string", "list<string>", "Meta"),
    "partition_name_to_spec": ("part_name:string", "map<string,string>", "Meta"),
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
    "rename_partition_req": ("req:RenamePartitionRequest", "RenamePartitionResponse", "InvalidOperation Meta"),
    "alter_partitions_req": ("req:AlterPartitionsRequest", "AlterPartitionsResponse", "InvalidOperation Meta"),
    "add_partitions_pspec": ("new_parts:list<PartitionSpec>", "i32", _ADDS),
    "append_partition": (_VALUES, "Partition", _ADDS),
    "append_partition_with_environment_context": (f"{_VALUES} {_CONTEXT}", "Partition", _ADDS),
    "append_partition_by_name": (_NAMED, "Partition", _ADDS),
    "append_partition_by_name_with_environment_context": (f"{_NAMED} {_CONTEXT}", "Partition", _ADDS),
    "append_partition_req": ("appendPartitionsReq:AppendPartitionsRequest", "Partition", _ADDS),
    "drop_partition_by_name": (f"{_NAMED} deleteData:bool", "bool", "NoSuchObject Meta"),
    "drop_partition_by_name_with_environment_context": (
        f"{_NAMED} deleteData:bool {_CONTEXT}",
        "bool",
        "NoSuchObject Meta",
    ),
    "drop_partition_req": ("dropPartitionReq:DropPartitionRequest", "bool", "NoSuchObject Meta"),
    "drop_partitions_req": ("req:DropPartitionsRequest", "DropPartitionsResult", "NoSuchObject Meta"),
    "get_primary_keys": ("request:PrimaryKeysRequest", "PrimaryKeysResponse", "Meta NoSuchObject"),
    "get_foreign_keys": ("request:ForeignKeysRequest", "ForeignKeysResponse", "Meta NoSuchObject"),
    "get_unique_constraints": ("request:UniqueConstraintsRequest", "UniqueConstraintsResponse", "Meta NoSuchObject"),
    "get_not_null_constraints": (
        "request:NotNullConstraintsRequest",
        "NotNullConstraintsResponse",
        "Meta NoSuchObject",
    ),
    "get_default_constraints": ("request:DefaultConstraintsRequest", "DefaultConstraintsResponse", "Meta NoSuchObject"),
    "get_check_constraints": ("request:CheckConstraintsRequest", "CheckConstraintsResponse", "Meta NoSuchObject"),
    "get_all_table_constraints": (
        "request:AllTableConstraintsRequest",
        "AllTableConstraintsResponse",
        "Meta NoSuchObject",
    ),
    "get_role_names": ("", "list<string>", "Meta"),
    "list_roles": ("principal_name:string principal_type:i32", "list<Role>", "Meta"),
    "get_role_grants_for_principal": (
        "request:GetRoleGrantsForPrincipalRequest",
        "GetRoleGrantsForPrincipalResponse",
        "Meta",
    ),
    "get_principals_in_role": ("request:GetPrincipalsInRoleRequest", "GetPrincipalsInRoleResponse", "Meta"),
    "list_privileges": (
        "principal_name:string principal_type:i32 hiveObject:HiveObjectRef",
        "list<HiveObjectPrivilege>",
        "Meta",
    ),
    "get_privilege_set": (f"hiveObject:HiveObjectRef {_AUTHORITY}", "PrincipalPrivilegeSet", "Meta"),
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
    "get_aggr_stats_for": ("request:PartitionsStatsRequest", "AggrStats", "NoSuchObject Meta"),
    "update_table_column_statistics_req": ("req:SetPartitionsStatsRequest", "SetPartitionsStatsResponse", _SETS),
    "update_partition_column_statistics_req": ("req:SetPartitionsStatsRequest", "SetPartitionsStatsResponse", _SETS),
    "delete_table_column_statistics": (f"{_PARTITION} col_name:string", "bool", _DELETES),
    "delete_partition_column_statistics": (f"{_PARTITION} part_name:string col_name:string", "bool", _DELETES),
}

# Arguments that no method does without: what it is about, or its one request.
_SUBJECTS = "dbname db_name dbName tbl_name table_name tableName funcName database db tbl new_tbl new_part func newFunc"
_REQUESTS = "stats_obj req request rqst ids catName createDatabaseRequest alterDbReq dropTableReq appendPartitionsReq"
_REQUIRED = frozenset(f"{_SUBJECTS} {_REQUESTS} dropPartitionReq".split())
NAMES = frozenset((*_METHODS, *REFUSED))


@dataclass(frozen=True)
class Method:
    """`arguments` and `answer` are struct classes; `answer` holds the result as `success` (None: nothing is answered)
    or one of `exceptions`, which are the names of Hive exceptions and of the fields they are sent in. Without the
    arguments in `required` there is nothing to answer."""

    arguments: type
    answer: type
    answers: bool
    exceptions: tuple[str, ...]
    required: tuple[str, ...] = ()


@cache
def method(name: str) -> Method:
    """The method's structs, made when it is first called. Raises KeyError for a method that is not known.

    Of one that is refused, the arguments are skipped and there is no result.
    """
    arguments, result, raised = _METHODS[name] if name in _METHODS else ("", "", REFUSED[name][0])
    exceptions = tuple(f"{short}Exception" for short in raised.split())
    answer = {0: f"success:{result}"} if result else {}
    answer |= {number: f"{exception}:{exception}" for number, exception in enumerate(exceptions, 1)}
    fields = numbered(arguments)
    required = tuple(field.partition(":")[0] for field in fields.values() if field.partition(":")[0] in _REQUIRED)
    return Method(make(f"{name}_args", fields), make(f"{name}_result", answer), bool(result), exceptions, required)
