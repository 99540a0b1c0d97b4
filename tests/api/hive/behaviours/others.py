"""How a metastore behaves about functions, locks, column statistics and itself."""

from __future__ import annotations

from typing import Any

from api.hive.bindings import hive
from tests.api.hive.behaviours.asking import Asked, behaviour, named

EXCLUSIVE, SHARED, OF_TABLE = 3, 1, 2
NO_TRANSACTION = 6  # named, because a Java metastore in test mode demands an operation

# ── functions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _function(asked: Asked, name: str | None = "f", **others: object) -> Any:
    given: dict[str, object] = {
        "functionName": name,
        "dbName": asked.database,
        "className": "org.example.F",
        "ownerName": "ada",
        "ownerType": 1,
        "createTime": 5,
        "functionType": 1,
        "resourceUris": [hive.ResourceUri(resourceType=1, uri="file:/a.jar")],
    }
    return hive.Function(**{**given, **others})


@behaviour
def a_missing_function(asked: Asked) -> object:
    return asked.call("get_function", asked.database, "f")


@behaviour
def a_function_of_a_missing_database(asked: Asked) -> object:
    return asked.call("get_function", "none", "f")


@behaviour
def functions_of_a_missing_database(asked: Asked) -> object:
    return asked.call("get_functions", "none", "*")


@behaviour
def a_function(asked: Asked) -> object:
    asked.call("create_function", _function(asked, "F"))
    found = asked.call("get_function", asked.database, "f")
    names = asked.call("get_functions", asked.database, "*")
    return [names, found.functionName, found.className, found.ownerName, [each.uri for each in found.resourceUris]]


@behaviour
def a_function_created_twice(asked: Asked) -> object:
    asked.call("create_function", _function(asked))
    return asked.call("create_function", _function(asked))


@behaviour
def a_function_in_a_missing_database(asked: Asked) -> object:
    return asked.call("create_function", _function(asked, dbName="none"))


for _name in ("a b", "", "a.b", None):

    def _named_function(asked: Asked, name: str | None = _name) -> object:
        asked.call("create_function", _function(asked, name))
        return asked.call("get_functions", asked.database, "*")

    named(f"a function named {_name!r}", _named_function)


@behaviour
def dropping_a_missing_function(asked: Asked) -> object:
    return asked.call("drop_function", asked.database, "f")


@behaviour
def altering_a_function(asked: Asked) -> object:
    asked.call("create_function", _function(asked))
    asked.call("alter_function", asked.database, "f", _function(asked, className="org.example.G"))
    return asked.call("get_function", asked.database, "f").className


@behaviour
def altering_a_missing_function(asked: Asked) -> object:
    return asked.call("alter_function", asked.database, "f", _function(asked))


@behaviour
def dropping_a_database_with_a_function(asked: Asked) -> object:
    asked.call("create_function", _function(asked))
    return asked.call("drop_database", asked.database, False, False)


@behaviour
def functions_like_a_pattern(asked: Asked) -> object:
    for name in ("one", "two"):
        asked.call("create_function", _function(asked, name))
    return [sorted(asked.call("get_functions", asked.database, each)) for each in ("o*", "o*|t*", "ON*", "")]


# ── locks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lock(asked: Asked, kind: int = EXCLUSIVE) -> Any:
    part = hive.LockComponent(
        type=kind, level=OF_TABLE, dbname=asked.database, tablename="t", operationType=NO_TRANSACTION
    )
    return asked.call("lock", hive.LockRequest(component=[part], user="ada", hostname="here", agentInfo="x"))


@behaviour
def an_exclusive_lock_waits_for_another(asked: Asked) -> object:
    first, second = _lock(asked), _lock(asked)
    states = [first.state, second.state]
    asked.call("unlock", hive.UnlockRequest(lockid=first.lockid))
    return [*states, asked.call("check_lock", hive.CheckLockRequest(lockid=second.lockid)).state]


@behaviour
def shared_locks_do_not_wait(asked: Asked) -> object:
    return [_lock(asked, SHARED).state, _lock(asked, SHARED).state, _lock(asked).state]


@behaviour
def unlocking_what_is_not_locked(asked: Asked) -> object:
    return asked.call("unlock", hive.UnlockRequest(lockid=987_654))


@behaviour
def checking_a_lock_that_is_none(asked: Asked) -> object:
    return asked.call("check_lock", hive.CheckLockRequest(lockid=987_654))


@behaviour
def locks_that_are_shown(asked: Asked) -> object:
    _lock(asked)
    found = asked.call("show_locks", hive.ShowLocksRequest(dbname=asked.database, tablename="t")).locks
    return [[each.dbname, each.tablename] for each in found]


# ── column statistics ────────────────────────────────────────────────────────────────────────────────────────────────


def _update_statistics(asked: Asked, column: str = "a", table: str = "t") -> Any:
    of = hive.ColumnStatisticsDesc(isTblLevel=True, dbName=asked.database, tableName=table)
    data = hive.ColumnStatisticsData(longStats=hive.LongColumnStatsData(lowValue=1, highValue=9, numNulls=0, numDVs=5))
    statistics = hive.ColumnStatisticsObj(colName=column, colType="int", statsData=data)
    return asked.call("update_table_column_statistics", hive.ColumnStatistics(statsDesc=of, statsObj=[statistics]))


@behaviour
def statistics_of_a_column(asked: Asked) -> object:
    asked.create()
    updated = _update_statistics(asked)
    found = asked.call("get_table_column_statistics", asked.database, "t", "A").statsObj[0]
    return [updated, found.colName, found.colType, found.statsData.longStats]


@behaviour
def statistics_that_were_not_gathered(asked: Asked) -> object:
    asked.create()
    return asked.call("get_table_column_statistics", asked.database, "t", "a")


@behaviour
def statistics_of_a_missing_column(asked: Asked) -> object:
    asked.create()
    return _update_statistics(asked, column="none")


@behaviour
def statistics_of_a_missing_table(asked: Asked) -> object:
    return _update_statistics(asked, table="none")


@behaviour
def statistics_of_some_columns(asked: Asked) -> object:
    asked.create()
    _update_statistics(asked)
    request = hive.TableStatsRequest(dbName=asked.database, tblName="t", colNames=["a", "b", "none"])
    return [each.colName for each in asked.call("get_table_statistics_req", request).tableStats]


@behaviour
def deleting_statistics(asked: Asked) -> object:
    asked.create()
    _update_statistics(asked)
    return asked.call("delete_table_column_statistics", asked.database, "t", "a")


@behaviour
def deleting_statistics_that_are_missing(asked: Asked) -> object:
    asked.create()
    return asked.call("delete_table_column_statistics", asked.database, "t", "a")


@behaviour
def statistics_of_a_partition_together(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    of = hive.ColumnStatisticsDesc(isTblLevel=False, dbName=asked.database, tableName="t", partName="p=1/s=a")
    data = hive.ColumnStatisticsData(longStats=hive.LongColumnStatsData(lowValue=1, highValue=9, numNulls=2, numDVs=5))
    one = hive.ColumnStatisticsObj(colName="a", colType="int", statsData=data)
    asked.call("update_partition_column_statistics", hive.ColumnStatistics(statsDesc=of, statsObj=[one]))
    names = ["p=1/s=a", "p=9/s=a"]
    request = hive.PartitionsStatsRequest(dbName=asked.database, tblName="t", colNames=["a"], partNames=names)
    return asked.call("get_aggr_stats_for", request)


# ── roles and privileges ─────────────────────────────────────────────────────────────────────────────────────────────

_USER, _ROLE = 1, 2


@behaviour
def the_names_of_roles(asked: Asked) -> object:
    return asked.call("get_role_names")


@behaviour
def the_roles_of_a_user_and_of_a_role(asked: Asked) -> object:
    return [asked.call("list_roles", "ada", kind) for kind in (_USER, _ROLE)]


@behaviour
def the_grants_of_a_user(asked: Asked) -> object:
    request = hive.GetRoleGrantsForPrincipalRequest(principal_name="ada", principal_type=_USER)
    return asked.call("get_role_grants_for_principal", request)


@behaviour
def who_has_a_role(asked: Asked) -> object:
    return asked.call("get_principals_in_role", hive.GetPrincipalsInRoleRequest(roleName="public"))


@behaviour
def the_privileges_on_a_table(asked: Asked) -> object:
    table = hive.HiveObjectRef(objectType=3, dbName=asked.database, objectName="t")
    return [asked.call("list_privileges", "ada", _USER, table), asked.call("get_privilege_set", table, "ada", [])]


# ── itself ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@behaviour
def an_unknown_method(asked: Asked) -> object:
    return asked.call("no_such_method")


@behaviour
def a_setting_of_its_own(asked: Asked) -> object:
    return [
        asked.call("get_config_value", "hive.exec.default.partition.name", "else"),
        asked.call("get_config_value", "hive.no.such.setting", "else"),
    ]


@behaviour
def a_setting_that_is_secret(asked: Asked) -> object:
    return asked.call("get_config_value", "javax.jdo.option.ConnectionPassword", "else")


@behaviour
def the_groups_of_a_user(asked: Asked) -> object:
    return asked.call("set_ugi", "ada", ["staff", "users"])


@behaviour
def the_service_s_status(asked: Asked) -> object:
    return asked.call("getStatus")


@behaviour
def the_service_s_version(asked: Asked) -> object:
    return asked.call("getVersion")
