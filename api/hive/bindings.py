"""Hive's Thrift structs: one table of their fields, and the classes made from it.

The table states facts of the wire, as published with Hive 2.3, and for the requests that later Hives brought, with 4.1:
names of structs, fields and types; a field's id is its place in the line, counted from 1, and a dash stands for one
that is of no use here. Later Hives only add optional fields under new ids, which a reader of the old skips.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from thriftpy2.thrift import TException, TPayload, TType

CONSTRAINTS = (
    "PrimaryKey",
    "ForeignKey",
    "UniqueConstraint",
    "NotNullConstraint",
    "DefaultConstraint",
    "CheckConstraint",
)
_STRUCTS = {
    "FieldSchema": "name:string type:string comment:string",
    "Order": "col:string order:i32",
    **{f"SQL{kind}": "" for kind in CONSTRAINTS},
    "SerDeInfo": "name:string serializationLib:string parameters:map<string,string>",
    "StorageDescriptor": "cols:list<FieldSchema> location:string inputFormat:string outputFormat:string "
    "compressed:bool numBuckets:i32 serdeInfo:SerDeInfo bucketCols:list<string> sortCols:list<Order> "
    "parameters:map<string,string>",
    "Database": "name:string description:string locationUri:string parameters:map<string,string>",
    "Table": "tableName:string dbName:string owner:string createTime:i32 lastAccessTime:i32 retention:i32 "
    "sd:StorageDescriptor partitionKeys:list<FieldSchema> parameters:map<string,string> viewOriginalText:string "
    "viewExpandedText:string tableType:string",
    "PartitionWithoutSD": "values:list<string> createTime:i32 lastAccessTime:i32 relativePath:string "
    "parameters:map<string,string>",
    "PartitionSpecWithSharedSD": "partitions:list<PartitionWithoutSD> sd:StorageDescriptor",
    "Partition": "values:list<string> dbName:string tableName:string createTime:i32 lastAccessTime:i32 "
    "sd:StorageDescriptor parameters:map<string,string>",
    "PartitionListComposingSpec": "partitions:list<Partition>",
    "PartitionSpec": "dbName:string tableName:string rootPath:string sharedSDPartitionSpec:PartitionSpecWithSharedSD "
    "partitionList:PartitionListComposingSpec",
    "TableMeta": "dbName:string tableName:string tableType:string comments:string",
    "EnvironmentContext": "properties:map<string,string>",
    "GetTableRequest": "dbName:string tblName:string",
    "GetTableResult": "table:Table",
    "GetTablesRequest": "dbName:string tblNames:list<string>",
    "GetTablesResult": "tables:list<Table>",
    "AddPartitionsRequest": "dbName:string tblName:string parts:list<Partition> ifNotExists:bool needResult:bool",
    "AddPartitionsResult": "partitions:list<Partition>",
    "DropPartitionsExpr": "expr:binary partArchiveLevel:i32",
    "RequestPartsSpec": "names:list<string> exprs:list<DropPartitionsExpr>",
    "DropPartitionsRequest": "dbName:string tblName:string parts:RequestPartsSpec deleteData:bool ifExists:bool "
    "ignoreProtection:bool environmentContext:EnvironmentContext needResult:bool",
    "DropPartitionsResult": "partitions:list<Partition>",
    "PartitionValuesRequest": "dbName:string tblName:string partitionKeys:list<FieldSchema> applyDistinct:bool "
    "filter:string partitionOrder:list<FieldSchema> ascending:bool maxParts:i64",
    "PartitionValuesRow": "row:list<string>",
    "PartitionValuesResponse": "partitionValues:list<PartitionValuesRow>",
    "ResourceUri": "resourceType:i32 uri:string",
    "Function": "functionName:string dbName:string className:string ownerName:string ownerType:i32 createTime:i32 "
    "functionType:i32 resourceUris:list<ResourceUri>",
    "GetAllFunctionsResponse": "functions:list<Function>",
    "LockComponent": "type:i32 level:i32 dbname:string tablename:string partitionname:string operationType:i32",
    "LockRequest": "component:list<LockComponent> txnid:i64 user:string hostname:string agentInfo:string",
    "LockResponse": "lockid:i64 state:i32",
    "CheckLockRequest": "lockid:i64 txnid:i64 elapsed_ms:i64",
    "UnlockRequest": "lockid:i64",
    "HeartbeatRequest": "lockid:i64 txnid:i64",
    "ShowLocksRequest": "dbname:string tablename:string partname:string",
    "ShowLocksResponseElement": "lockid:i64 dbname:string tablename:string partname:string state:i32 type:i32 "
    "txnid:i64 lastheartbeat:i64 acquiredat:i64 user:string hostname:string heartbeatCount:i32 agentInfo:string",
    "ShowLocksResponse": "locks:list<ShowLocksResponseElement>",
    "NoSuchLockException": "message:string",
    "NoSuchTxnException": "message:string",
    "TxnAbortedException": "message:string",
    "TxnOpenException": "message:string",
    "BooleanColumnStatsData": "numTrues:i64 numFalses:i64 numNulls:i64",
    "LongColumnStatsData": "lowValue:i64 highValue:i64 numNulls:i64 numDVs:i64",
    "DoubleColumnStatsData": "lowValue:double highValue:double numNulls:i64 numDVs:i64",
    "StringColumnStatsData": "maxColLen:i64 avgColLen:double numNulls:i64 numDVs:i64",
    "BinaryColumnStatsData": "maxColLen:i64 avgColLen:double numNulls:i64",
    "Decimal": "unscaled:binary - scale:i16",
    "DecimalColumnStatsData": "lowValue:Decimal highValue:Decimal numNulls:i64 numDVs:i64",
    "Date": "daysSinceEpoch:i64",
    "DateColumnStatsData": "lowValue:Date highValue:Date numNulls:i64 numDVs:i64",
    "ColumnStatisticsData": "booleanStats:BooleanColumnStatsData longStats:LongColumnStatsData "
    "doubleStats:DoubleColumnStatsData stringStats:StringColumnStatsData binaryStats:BinaryColumnStatsData "
    "decimalStats:DecimalColumnStatsData dateStats:DateColumnStatsData",
    "ColumnStatisticsObj": "colName:string colType:string statsData:ColumnStatisticsData",
    "ColumnStatisticsDesc": "isTblLevel:bool dbName:string tableName:string partName:string lastAnalyzed:i64",
    "ColumnStatistics": "statsDesc:ColumnStatisticsDesc statsObj:list<ColumnStatisticsObj>",
    "SetPartitionsStatsRequest": "colStats:list<ColumnStatistics> needMerge:bool",
    "TableStatsRequest": "dbName:string tblName:string colNames:list<string>",
    "TableStatsResult": "tableStats:list<ColumnStatisticsObj>",
    "PartitionsStatsRequest": "dbName:string tblName:string colNames:list<string> partNames:list<string>",
    "PartitionsStatsResult": "partStats:map<string,list<ColumnStatisticsObj>>",
    "SetPartitionsStatsResponse": "result:bool",
    "AggrStats": "colStats:list<ColumnStatisticsObj> partsFound:i64",
    # requests of Hive 3 and 4
    "Catalog": "name:string description:string locationUri:string",
    "GetCatalogRequest": "name:string",
    "GetCatalogResponse": "catalog:Catalog",
    "GetCatalogsResponse": "names:list<string>",
    "GetDatabaseRequest": "name:string catalogName:string",
    "CreateDatabaseRequest": "databaseName:string description:string locationUri:string parameters:map<string,string>",
    "AlterDatabaseRequest": "oldDbName:string newDb:Database",
    "DropDatabaseRequest": "name:string catalogName:string ignoreUnknownDb:bool deleteData:bool cascade:bool",
    "CreateTableRequest": "table:Table envContext:EnvironmentContext primaryKeys:list<SQLPrimaryKey> "
    "foreignKeys:list<SQLForeignKey> uniqueConstraints:list<SQLUniqueConstraint> "
    "notNullConstraints:list<SQLNotNullConstraint> defaultConstraints:list<SQLDefaultConstraint> "
    "checkConstraints:list<SQLCheckConstraint>",
    "DropTableRequest": "catalogName:string dbName:string tableName:string deleteData:bool "
    "envContext:EnvironmentContext",
    "AlterTableRequest": "catName:string dbName:string tableName:string table:Table "
    "environmentContext:EnvironmentContext",
    "AlterTableResponse": "",
    "TruncateTableRequest": "dbName:string tableName:string partNames:list<string>",
    "TruncateTableResponse": "",
    "GetFieldsRequest": "catName:string dbName:string tblName:string",
    "GetFieldsResponse": "fields:list<FieldSchema>",
    "GetSchemaRequest": "catName:string dbName:string tblName:string",
    "GetSchemaResponse": "fields:list<FieldSchema>",
    "GetTablesExtRequest": "catalog:string database:string tableNamePattern:string requestedFields:i32 limit:i32",
    "ExtendedTableInfo": "tblName:string",
    "GetPartitionRequest": "catName:string dbName:string tblName:string partVals:list<string>",
    "GetPartitionResponse": "partition:Partition",
    "PartitionsRequest": "catName:string dbName:string tblName:string maxParts:i16",
    "PartitionsResponse": "partitions:list<Partition>",
    "GetPartitionsByNamesRequest": "db_name:string tbl_name:string names:list<string>",
    "GetPartitionsByNamesResult": "partitions:list<Partition>",
    "GetPartitionsByFilterRequest": "catName:string dbName:string tblName:string filter:string maxParts:i16",
    "PartitionsByExprRequest": "dbName:string tblName:string expr:binary defaultPartitionName:string maxParts:i16",
    "GetPartitionNamesPsRequest": "catName:string dbName:string tblName:string partValues:list<string> maxParts:i16",
    "GetPartitionNamesPsResponse": "names:list<string>",
    "GetPartitionsPsWithAuthRequest": "catName:string dbName:string tblName:string partVals:list<string> maxParts:i16 "
    "userName:string groupNames:list<string>",
    "GetPartitionsPsWithAuthResponse": "partitions:list<Partition>",
    "AppendPartitionsRequest": "catalogName:string dbName:string tableName:string name:string partVals:list<string>",
    "AlterPartitionsRequest": "catName:string dbName:string tableName:string partitions:list<Partition> "
    "environmentContext:EnvironmentContext",
    "AlterPartitionsResponse": "",
    "RenamePartitionRequest": "catName:string dbName:string tableName:string partVals:list<string> newPart:Partition",
    "RenamePartitionResponse": "",
    "DropPartitionRequest": "catName:string dbName:string tblName:string partName:string partVals:list<string> "
    "deleteData:bool",
    # constraints: none are kept
    "PrimaryKeysRequest": "db_name:string tbl_name:string",
    "PrimaryKeysResponse": "primaryKeys:list<SQLPrimaryKey>",
    "ForeignKeysRequest": "parent_db_name:string parent_tbl_name:string foreign_db_name:string foreign_tbl_name:string",
    "ForeignKeysResponse": "foreignKeys:list<SQLForeignKey>",
    "UniqueConstraintsRequest": "catName:string db_name:string tbl_name:string",
    "UniqueConstraintsResponse": "uniqueConstraints:list<SQLUniqueConstraint>",
    "NotNullConstraintsRequest": "catName:string db_name:string tbl_name:string",
    "NotNullConstraintsResponse": "notNullConstraints:list<SQLNotNullConstraint>",
    "DefaultConstraintsRequest": "catName:string db_name:string tbl_name:string",
    "DefaultConstraintsResponse": "defaultConstraints:list<SQLDefaultConstraint>",
    "CheckConstraintsRequest": "catName:string db_name:string tbl_name:string",
    "CheckConstraintsResponse": "checkConstraints:list<SQLCheckConstraint>",
    "AllTableConstraintsRequest": "dbName:string tblName:string",
    "SQLAllTableConstraints": "primaryKeys:list<SQLPrimaryKey> foreignKeys:list<SQLForeignKey> "
    "uniqueConstraints:list<SQLUniqueConstraint> notNullConstraints:list<SQLNotNullConstraint> "
    "defaultConstraints:list<SQLDefaultConstraint> checkConstraints:list<SQLCheckConstraint>",
    "AllTableConstraintsResponse": "allTableConstraints:SQLAllTableConstraints",
    # roles and privileges
    "Role": "roleName:string createTime:i32 ownerName:string",
    "RolePrincipalGrant": "roleName:string principalName:string principalType:i32 grantOption:bool grantTime:i32",
    "GetRoleGrantsForPrincipalRequest": "principal_name:string principal_type:i32",
    "GetRoleGrantsForPrincipalResponse": "principalGrants:list<RolePrincipalGrant>",
    "GetPrincipalsInRoleRequest": "roleName:string",
    "GetPrincipalsInRoleResponse": "principalGrants:list<RolePrincipalGrant>",
    "HiveObjectRef": "objectType:i32 dbName:string objectName:string partValues:list<string> columnName:string",
    "HiveObjectPrivilege": "hiveObject:HiveObjectRef",
    "PrincipalPrivilegeSet": "",
    "MetaException": "message:string",
    "NoSuchObjectException": "message:string",
    "AlreadyExistsException": "message:string",
    "InvalidObjectException": "message:string",
    "InvalidOperationException": "message:string",
    "UnknownDBException": "message:string",
    "UnknownTableException": "message:string",
    "ConfigValSecurityException": "message:string",
    "InvalidInputException": "message:string",
}

_PLAIN = {
    "bool": TType.BOOL,
    "i16": TType.I16,
    "i32": TType.I32,
    "i64": TType.I64,
    "double": TType.DOUBLE,
    "string": TType.STRING,
    "binary": TType.BINARY,
}


class Struct(TPayload, SimpleNamespace):  # type: ignore[misc]  # the two differ in __hash__, which none needs
    """A value of the wire. A field that was not given is None and is not sent.

    SimpleNamespace, because it is made in C: a request may hold ten thousands of them.
    """


class Failure(TException):
    """An exception that a Hive method declares; `message` is all it says."""

    message: str | None = None

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message)
        self.message = message


def make(name: str, fields: dict[int, str], base: type = Struct) -> type:
    """The class for a struct whose fields are given by id as `name:type`. Structs in it must have been made before."""
    spec = {number: _field(*field.split(":", 1)) for number, field in fields.items()}
    absent = {field[1]: None for field in spec.values()}
    return type(name, (base,), {**absent, "thrift_spec": spec, "__module__": __name__})


def numbered(text: str, first: int = 1) -> dict[int, str]:
    """The fields of a line of the table by their ids; a dash stands for an id that no field has."""
    return {number: field for number, field in enumerate(text.split(), first) if field != "-"}


def _field(name: str, kind: str) -> tuple[Any, ...]:
    wire = _type(kind)
    return (wire[0], name, wire[1], False) if isinstance(wire, tuple) else (wire, name, False)


def _type(kind: str) -> Any:
    """A type as thriftpy2 wants it: a number, or a pair of a number and what it is made of."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind.startswith("list<"):
        return TType.LIST, _type(kind[5:-1])
    if kind.startswith("map<"):
        return TType.MAP, tuple(map(_type, kind[4:-1].split(",")))
    return TType.STRUCT, getattr(hive, kind)


# Typed Any: its members are made at import, so only running code can tell whether a field's name is right.
hive: Any = SimpleNamespace()
for _name, _text in _STRUCTS.items():
    setattr(hive, _name, make(_name, numbered(_text), Failure if _name.endswith("Exception") else Struct))
