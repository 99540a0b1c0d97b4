"""What a run's own process is told of connections and of tables in databases: with its token, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine as SqlEngine

from api.app import build_app
from catalog.catalog import Catalog
from catalog.model import Column, Connection, Database, Origin, StorageDescriptor, Table
from catalog.sealing import KEY_BYTES, Sealer
from engine.engine import Engine
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, Job

SECRET = "canary-3e8a"
PROPERTIES = {"JDBC_CONNECTION_URL": "jdbc:postgresql://h/db", "USERNAME": "u"}


class Caller:
    """A run's process; the catalog has the connection `the shop` and the table web.orders, which lies there."""

    def __init__(self, store: SqlEngine, connections: tuple[str, ...] = ("the shop",)) -> None:
        self.catalog = Catalog(store, Origin("test"), sealer=lambda: Sealer([b"k" * KEY_BYTES]))
        self.engine = Engine(store)
        self.catalog.create_connection(Connection("the shop", properties=PROPERTIES), {"PASSWORD": SECRET})
        self.catalog.create_database(Database("web"))
        told = {"classification": "postgresql", "connectionName": "the shop", "hashfield": "id"}
        storage = StorageDescriptor((Column("id", "bigint"),), location="db.sales.orders")
        self.catalog.create_table(Table("web", "orders", storage, parameters=told))
        self.engine.create_job(Job("totals", "/t.py", {BOOKMARK_OPTION: BOOKMARK_ENABLE}, connections=connections))
        run = self.engine.claim_run("worker", run_id=self.engine.start_job_run("totals").id)
        assert run is not None
        self.run = run
        self.token = self.engine.give_token(run.id)

    def call(self, method: str, path: str, token: str | None = None, **given: Any) -> httpx.Response:
        app: Any = build_app(self.catalog, self.engine)
        headers = {"Authorization": f"Bearer {token or self.token}"}

        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as client:
                return await client.request(method, f"/runs/{self.run.id}/{path}", headers=headers, **given)

        return asyncio.run(answer())


@pytest.fixture
def caller(store: SqlEngine, tmp_path: Path) -> Caller:
    return Caller(store)


def test_a_connection_is_told_with_its_password_and_kept_by_no_cache(
    caller: Caller, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = caller.call("GET", "connections/the%20shop")
    assert answer.json() == {"name": "the shop", "kind": "JDBC", "properties": {**PROPERTIES, "PASSWORD": SECRET}}
    assert answer.headers["cache-control"] == "no-store"
    assert SECRET not in caplog.text + "".join(capsys.readouterr())


def test_without_the_token_nothing_is_told_of_it(caller: Caller) -> None:
    answer = caller.call("GET", "connections/the%20shop", token="wrong")
    assert answer.status_code == 403
    assert SECRET not in answer.text
    assert "jdbc" not in answer.text


def test_a_connection_that_is_not_there_is_told(caller: Caller) -> None:
    answer = caller.call("GET", "connections/nowhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_a_table_of_a_database_is_planned_by_its_connection_without_files_or_secrets(caller: Caller) -> None:
    asked = {"database": "web", "table": "orders", "transformation_ctx": "c"}
    answer = caller.call("POST", "read-plan", json=asked)
    plan = answer.json()
    assert (plan["format"], plan["location"], plan["groups"]) == ("postgresql", "db.sales.orders", [])
    assert plan["options"] == {"connectionName": "the shop", "hashfield": "id"}
    assert plan["bookmark"]["tracked"] is False
    assert caller.engine.list_sources(caller.run.id) == []
    told = caller.call("GET", "tables/web/orders").json()
    assert (told["format"], told["options"]) == ("postgresql", plan["options"])
    assert SECRET not in answer.text


def test_a_connection_that_the_job_does_not_list_is_refused_by_name_and_not_told(store: SqlEngine) -> None:
    caller = Caller(store, connections=())
    answer = caller.call("GET", "connections/the%20shop")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert "may not open connection the shop: put it into the connections of job totals" in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [("POST", "read-plan", {"json": {"database": "web", "table": "orders"}}), ("GET", "tables/web/orders", {})],
)
def test_the_connection_of_a_catalog_table_that_the_run_has_asked_for_may_be_opened(
    store: SqlEngine, method: str, path: str, given: dict[str, Any]
) -> None:
    caller = Caller(store, connections=())
    for _ in range(2):
        assert caller.call(method, path, **given).status_code == 200
    assert caller.call("GET", "connections/the%20shop").json()["properties"]["PASSWORD"] == SECRET
