"""The calls that Iceberg's HiveCatalog for Java makes, one by one in its order, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Condition
from typing import Any

import pytest
from sqlalchemy import Engine

from api.hive.bindings import hive
from api.hive.client import Client
from api.hive.server import HiveServer
from catalog.catalog import Catalog
from catalog.model import Origin

EXCLUSIVE, OF_TABLE, ACQUIRED, WAITING = 3, 2, 1, 2
KEY = "metadata_location"
# What Iceberg reads for a lost race; any other failure it takes for an unknown outcome.
CONFLICT = f"The table has been modified. The parameter value for key '{KEY}' is"
COMMITTERS = 16
RELEASED = Condition()  # so that who waits for a lock asks again when one was let go, and not all the time


@pytest.fixture
def catalog(store: Engine) -> Catalog:
    return Catalog(store, Origin(face="test"))


@pytest.fixture(autouse=True)
def table(client: Client) -> None:
    client.call("set_ugi", "ada", ["staff"])
    client.call("create_database", hive.Database(name="lake", parameters={"hive.metastore.database.owner": "ada"}))
    create(client, "events", parameters={KEY: "v0"})


def create(client: Client, name: str, kind: str = "EXTERNAL_TABLE", **others: Any) -> None:
    parameters = {"table_type": "ICEBERG", "EXTERNAL": "TRUE", **others.pop("parameters", {})}
    storage = hive.StorageDescriptor(cols=[hive.FieldSchema(name="id", type="bigint")], location=f"s3://lake/{name}")
    new = hive.Table(dbName="lake", tableName=name, sd=storage, tableType=kind, parameters=parameters, **others)
    client.call("create_table_with_environment_context", new, None)


def lock(client: Client, agent: str) -> Any:
    part = hive.LockComponent(type=EXCLUSIVE, level=OF_TABLE, dbname="lake", tablename="events")
    return client.call("lock", hive.LockRequest(component=[part], user="ada", hostname="here", agentInfo=agent))


def alter(client: Client, table: Any, name: str = "events", **demands: str) -> None:
    context = hive.EnvironmentContext(properties={"DO_NOT_UPDATE_STATS": "true", **demands})
    client.call("alter_table_with_environment_context", "lake", name, table, context)


def next_version(client: Client, committer: int) -> tuple[Any, str]:
    """The table as it is to be committed, and the metadata that it stands on."""
    table = client.call("get_table", "lake", "events")
    base = table.parameters[KEY]
    table.parameters |= {"previous_metadata_location": base, KEY: f"{base}+{committer}"}
    return table, base


def locked_commit(client: Client, committer: int) -> None:
    lock_id = lock(client, f"Iceberg-{committer}").lockid
    client.call("heartbeat", hive.HeartbeatRequest(lockid=lock_id))
    with RELEASED:
        RELEASED.wait_for(lambda: client.call("check_lock", hive.CheckLockRequest(lockid=lock_id)).state == ACQUIRED)
    table, _ = next_version(client, committer)
    alter(client, table)
    client.call("unlock", hive.UnlockRequest(lockid=lock_id))
    with RELEASED:
        RELEASED.notify_all()


def optimistic_commit(client: Client, committer: int) -> None:
    while True:
        table, base = next_version(client, committer)
        try:
            alter(client, table, expected_parameter_key=KEY, expected_parameter_value=base)
        except hive.MetaException as lost:
            if CONFLICT not in lost.message:
                raise
        else:
            return


@pytest.mark.parametrize("commit", [locked_commit, optimistic_commit])
def test_of_many_who_commit_at_once_none_is_lost(
    server: HiveServer, client: Client, commit: Callable[[Client, int], None]
) -> None:
    def work(committer: int) -> None:
        with Client(server.port, timeout=60) as own:
            commit(own, committer)

    with ThreadPoolExecutor(COMMITTERS) as pool:
        list(pool.map(work, range(COMMITTERS)))
    told = client.call("get_table", "lake", "events").parameters
    start, *committed = told[KEY].split("+")
    assert (start, sorted(map(int, committed))) == ("v0", list(range(COMMITTERS)))
    assert told["previous_metadata_location"] == told[KEY].rpartition("+")[0]
    assert client.call("show_locks", hive.ShowLocksRequest()).locks == []


def test_a_lock_waits_and_one_whose_answer_was_lost_is_found_by_who_asked(connect: Callable[[], Client]) -> None:
    one, other = connect(), connect()
    held, waiting = lock(one, "Iceberg-1"), lock(other, "Iceberg-2")
    assert (held.state, waiting.state) == (ACQUIRED, WAITING)
    shown = other.call("show_locks", hive.ShowLocksRequest(dbname="lake", tablename="events")).locks
    assert {each.agentInfo: (each.lockid, each.state) for each in shown} == {
        "Iceberg-1": (held.lockid, ACQUIRED),
        "Iceberg-2": (waiting.lockid, WAITING),
    }
    one.call("heartbeat", hive.HeartbeatRequest(lockid=held.lockid, txnid=0))
    assert other.call("check_lock", hive.CheckLockRequest(lockid=waiting.lockid)).state == WAITING
    one.call("unlock", hive.UnlockRequest(lockid=held.lockid))
    assert other.call("check_lock", hive.CheckLockRequest(lockid=waiting.lockid)).state == ACQUIRED


def test_a_commit_on_metadata_that_are_old_is_a_conflict_and_changes_nothing(client: Client) -> None:
    table, base = next_version(client, 1)
    alter(client, table, expected_parameter_key=KEY, expected_parameter_value=base)
    table.parameters[KEY] = "lost"
    with pytest.raises(hive.MetaException) as lost:
        alter(client, table, expected_parameter_key=KEY, expected_parameter_value=base)
    assert f"{CONFLICT} 'v0+1'" in lost.value.message
    assert client.call("get_table", "lake", "events").parameters[KEY] == "v0+1"


def test_a_schema_may_become_what_hive_would_refuse_because_iceberg_says_how_its_files_are_read(client: Client) -> None:
    table, base = next_version(client, 1)
    table.sd.cols = [hive.FieldSchema(name="name", type="string"), hive.FieldSchema(name="id", type="int")]
    alter(client, table, expected_parameter_key=KEY, expected_parameter_value=base)
    assert [each.type for each in client.call("get_table", "lake", "events").sd.cols] == ["string", "int"]


def test_tables_are_renamed_into_another_namespace(client: Client) -> None:
    client.call("create_database", hive.Database(name="archive"))
    table = client.call("get_table", "lake", "events")
    table.dbName, table.tableName = "archive", "old_events"
    alter(client, table)
    with pytest.raises(hive.NoSuchObjectException):
        client.call("get_table", "lake", "events")
    moved = client.call("get_table_req", hive.GetTableRequest(dbName="@hive#archive", tblName="old_events")).table
    assert (moved.parameters[KEY], moved.sd.location) == ("v0", "s3://lake/events")


def test_namespaces_are_changed_listed_and_dropped_when_they_are_empty(client: Client) -> None:
    space = client.call("get_database", "lake")
    space.parameters["team"] = "web"
    client.call("alter_database", "lake", space)
    assert client.call("get_database", "@hive#lake").parameters["team"] == "web"
    assert client.call("get_all_databases") == ["default", "lake"]
    with pytest.raises(hive.InvalidOperationException):
        client.call("drop_database", "lake", False, False)
    client.call("drop_table", "lake", "events", False)
    client.call("drop_database", "lake", False, False)
    assert client.call("get_all_databases") == ["default"]


def test_tables_and_views_are_told_apart_in_lists(client: Client) -> None:
    create(client, "report", "VIRTUAL_VIEW", parameters={"table_type": "iceberg-view", "EXTERNAL": "FALSE"})
    assert client.call("get_tables_by_type", "lake", "*", "VIRTUAL_VIEW") == ["report"]
    names = client.call("get_all_tables", "lake")
    request = hive.GetTablesRequest(dbName="lake", tblNames=names)
    found = client.call("get_table_objects_by_name_req", request).tables
    assert [each.tableName for each in found if each.parameters["table_type"] == "ICEBERG"] == ["events"]


def test_commits_after_each_other_make_a_version_each(client: Client, catalog: Catalog) -> None:
    for committer in range(3):
        optimistic_commit(client, committer)
    versions = catalog.list_versions("lake", "events").items
    told = [each.table.parameters[KEY] for each in reversed(versions)]
    assert told == ["+".join(["v0", *map(str, range(made))]) for made, _ in zip(count(), versions, strict=False)]
