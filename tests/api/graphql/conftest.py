"""A real catalog and engine on SQLite, the GraphQL face over them, and a client that asks it over ASGI."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from api.app import build_app
from api.auth.access import Access
from api.auth.gate import Gate
from api.auth.principals import LOCAL
from api.graphql.context import Context
from api.graphql.endpoint import graphql_routes
from api.services import answering, listening
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Column, Database, Origin, SerDe, StorageDescriptor, Table
from catalog.prepared import Prepared
from catalog.sealing import KEY_BYTES, Sealer
from engine.crawling.crawls import Crawls
from engine.engine import Engine
from engine.model import CRAWL, Run
from engine.running.worker import Worker

Json = dict[str, Any]


@dataclass
class Client:
    """Sends documents to /graphql; `catalog` and `engine` are what stands behind it."""

    catalog: Catalog
    engine: Engine
    runs: Path
    introspection: bool = True
    app: FastAPI = field(default_factory=FastAPI)

    def __post_init__(self) -> None:
        self.app.include_router(graphql_routes(self.catalog, self.engine, introspection=self.introspection))

    def context(self) -> Context:
        """That of a caller who may do everything."""
        return Context(self.catalog, self.engine, Gate(Access(self.catalog.engine)), LOCAL)

    def http(self, method: str, path: str = "/graphql", **request: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **request)

        return asyncio.run(send())

    def post(self, query: str, **variables: object) -> Json:
        response = self.http("POST", json={"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer

    def ask(self, query: str, **variables: object) -> Any:
        """The data of a document that is answered without errors."""
        answer = self.post(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def change(self, mutation: str, fields: str, **given: object) -> Any:
        """The payload of one mutation whose input is `given`."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        wanted = f"{fields} userErrors {{ code field message }} clientMutationId"
        document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {wanted} }} }}"
        return self.ask(document, input=given)[mutation]

    def work_off(self, run_id: str) -> Run:
        """Have a crawl carried out, as the service's worker would."""
        return Worker(self.engine, {CRAWL: Crawls(self.catalog, self.runs)}).work_off(run_id)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements executed inside the block; transactions' begin and end are not among them."""
        seen: list[str] = []

        def executed(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement != "BEGIN" and "resource_policies" not in statement:  # which is read now and then
                seen.append(statement)

        run = Prepared._run

        def prepared(self: Prepared, connection: SqlConnection, values: Any) -> Any:
            seen.append(str(self._statement))
            return run(self, connection, values)

        event.listen(self.catalog.engine, "before_cursor_execute", executed)
        Prepared._run = prepared  # type: ignore[method-assign]  # it goes past SQLAlchemy's events
        try:
            yield seen
        finally:
            Prepared._run = run  # type: ignore[method-assign]
            event.remove(self.catalog.engine, "before_cursor_execute", executed)


def catalog_of(store: SqlEngine) -> Catalog:
    return Catalog(store, Origin("test"), sealer=_sealer)


def engine_of(store: SqlEngine, runs: Path) -> Engine:
    return Engine(store, runs=runs, sealer=_sealer)


def _sealer() -> Sealer:
    return Sealer([b"k" * KEY_BYTES])


@pytest.fixture
def client(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Client]:
    path = tmp_path / "catalog.db"
    shutil.copy(migrated_sqlite, path)
    store = connect(sqlite_url(path))
    yield Client(catalog_of(store), engine_of(store, tmp_path / "runs"), tmp_path / "runs")
    store.dispose()


@pytest.fixture
def shop(client: Client) -> Client:
    """The client, with a database `shop` that holds the table `orders`, by year and month."""
    return stocked(client)


@pytest.fixture
def any_shop(store: SqlEngine, tmp_path: Path) -> Client:
    """The same over SQLite, and over PostgreSQL."""
    return stocked(Client(catalog_of(store), engine_of(store, tmp_path / "runs"), tmp_path / "runs"))


def stocked(client: Client) -> Client:
    client.catalog.create_database(Database("shop", "What was sold", parameters={"team": "sales"}))
    client.catalog.create_table(orders())
    return client


def orders(*more: Column) -> Table:
    storage = StorageDescriptor(
        columns=(Column("id", "bigint"), Column("price", "decimal(10,2)", "in euro"), *more),
        location="s3://shop/orders",
        input_format="org.apache.hadoop.mapred.TextInputFormat",
        output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serde=SerDe("org.apache.hadoop.hive.serde2.OpenCSVSerde", {"separatorChar": ","}),
    )
    keys = (Column("year", "int"), Column("month", "int"))
    return Table("shop", "orders", storage, keys, parameters={"classification": "csv"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with one table in two files."""
    folder = tmp_path / "lake" / "sales"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("id,price\n1,2.5\n2,3.5\n")
    (folder / "b.csv").write_text("id,price\n3,1.5\n")
    return folder


@pytest.fixture
def address(client: Client) -> Iterator[str]:
    """Where the client's application answers."""
    with listening("127.0.0.1", 0) as listener, answering(build_app(client.catalog, client.engine), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
