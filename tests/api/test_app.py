"""The HTTP application from outside: who may ask, whether it works, and what it counts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine as SqlEngine

from api.app import build_app
from api.services import listening
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Column, Database, Origin, Partition, StorageDescriptor, Table
from crawlers.model import Crawler, Target
from engine.engine import Engine
from engine.model import Job, Outcome
from engine.states import RunState
from tests.conftest import Postgres


def ask(store: SqlEngine, path: str, method: str = "GET", **given: Any) -> httpx.Response:
    app: Any = build_app(Catalog(store, Origin("test")), Engine(store))

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as client:
            return await client.request(method, path, **given)

    return asyncio.run(answer())


@pytest.fixture(scope="module")
def any_store(migrated_sqlite: Path) -> Iterator[SqlEngine]:
    """A store whose kind does not matter."""
    found = connect(sqlite_url(migrated_sqlite))
    yield found
    found.dispose()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost", "localhost:9", "[::1]:8765", "LOCALHOST"])
@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:8765", "http://localhost:3000"])
def test_a_request_from_this_machine_is_answered(any_store: SqlEngine, host: str, origin: str | None) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin else {})
    assert ask(any_store, "/health", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("isinglass.example", None),  # a name that was rebound to 127.0.0.1
        ("127.0.0.1.example:8765", None),
        ("localhost@evil.example", None),
        ("192.168.0.7:8765", None),
        ("", None),
        ("[::1", None),
        ("127.0.0.1:8765", "http://evil.example"),
        ("127.0.0.1:8765", "http://localhost.evil.example"),
        ("127.0.0.1:8765", "null"),  # a page from a file, or in a sandbox
        ("127.0.0.1:8765", "http://[::1"),
        ("127.0.0.1:8765", ""),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("POST", "/graphql"), ("POST", "/runs/jr_1/commit")])
def test_a_request_that_another_site_could_have_caused_is_refused(
    any_store: SqlEngine, method: str, path: str, host: str, origin: str | None
) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin is not None else {})
    refused = ask(any_store, path, method, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "FORBIDDEN"


def test_health_is_of_the_database(postgres: Postgres) -> None:
    url = postgres.create("migrated")
    store = connect(url)
    try:
        assert ask(store, "/health").json() == {"status": "ok", "database": "ok"}
        postgres.drop(url)
        gone = ask(store, "/health")
        assert (gone.status_code, gone.json()["status"]) == (503, "unavailable")
        assert "cannot be used: " in gone.json()["database"]
        assert ask(store, "/metrics").status_code == 503
    finally:
        store.dispose()


def test_health_is_of_a_file_that_is_no_database_any_more(tmp_path: Path, migrated_sqlite: Path) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = connect(sqlite_url(path))
    store.dispose()
    path.write_text("not a database at all, and long enough to have a header" * 10)
    assert ask(store, "/health").status_code == 503
    store.dispose()


def test_metrics_count_what_is_there(store: SqlEngine) -> None:
    catalog, engine = Catalog(store, Origin("test")), Engine(store)
    catalog.create_database(Database("web"))
    storage = StorageDescriptor((Column("page", "string"),), location="file:///lake/visits/")
    catalog.create_table(Table("web", "visits", storage, (Column("day", "int"),)))
    catalog.create_partitions("web", "visits", [Partition((str(day),), storage) for day in range(3)])
    engine.create_job(Job("totals", "/jobs/totals.py", max_concurrent_runs=9))
    ended, waiting = engine.start_job_run("totals"), engine.start_job_run("totals")
    assert engine.claim_run("test", run_id=ended.id)
    engine.finish_run(ended.id, "test", Outcome(RunState.FAILED))
    engine.start_crawl(Crawler("lake", "web", (Target("/lake"),)))
    assert waiting.state is RunState.WAITING

    answer = ask(store, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert {name: found[name,] for name in ("isinglass_databases", "isinglass_tables", "isinglass_jobs")} == {
        "isinglass_databases": 1,
        "isinglass_tables": 1,
        "isinglass_jobs": 1,
    }
    assert found["isinglass_partitions",] == 3
    runs = {key[1:]: value for key, value in found.items() if key[0] == "isinglass_runs"}
    assert runs == {
        (("kind", "job"), ("state", "FAILED")): 1,
        (("kind", "job"), ("state", "WAITING")): 1,
        (("kind", "crawl"), ("state", "WAITING")): 1,
    }


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/runs/jr_1", "/nothing"])
def test_what_is_not_offered_is_not_found(any_store: SqlEngine, path: str) -> None:
    assert ask(any_store, path).status_code == 404


def test_an_answer_on_a_kept_connection_waits_for_no_acknowledgement() -> None:
    with listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
