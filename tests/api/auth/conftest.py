"""The whole application with auth on, over a database of its own, and callers with tokens."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import select
from starlette.types import ASGIApp

from api.app import build_app
from api.auth import rows
from api.auth.access import Access
from api.auth.gate import Gate
from api.auth.grants import Wanted, grant_of
from api.auth.principals import Role
from catalog import rows as catalog_rows
from catalog.catalog import Catalog
from catalog.db import connect, reading, sqlite_url
from catalog.model import Origin
from catalog.sealing import KEY_BYTES, Sealer
from engine.engine import Engine
from tests.conftest import Clock

Json = dict[str, Any]


def sealer() -> Sealer:
    return Sealer([b"k" * KEY_BYTES])


@dataclass
class World:
    """A service with auth on, asked over ASGI; `clock` is its time, for tokens that end and what is remembered."""

    store: SqlEngine
    folder: Path
    clock: Clock = field(default_factory=Clock)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.catalog = Catalog(self.store, Origin("test"), sealer=sealer)
        self.engine = Engine(self.store, runs=self.folder / "runs", sealer=sealer)
        self.access = Access(self.store, sealer, self.clock)
        self.gate = Gate(self.access, on=True, clock=lambda: self.clock().timestamp(), pause=self._pause)
        self.app: ASGIApp = build_app(self.catalog, self.engine, self.gate)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def token(self, role: Role, *databases: str, name: str = "", days: float | None = None, **tags: str) -> str:
        """A new token's secret."""
        return self.access.create_token(Wanted(name or role.value, grant_of(role, databases, tags), days))[1]

    def http(self, method: str, path: str, token: str | None = None, **given: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        given["headers"] = headers | given.get("headers", {})

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as client:
                return await client.request(method, path, **given)

        return asyncio.run(send())

    def post(self, token: str | None, query: str, **variables: object) -> Json:
        answer: Json = self.http("POST", "/graphql", token, json={"query": query, "variables": variables}).json()
        return answer

    def ask(self, token: str, query: str, **variables: object) -> Any:
        answer = self.post(token, query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def audit(self) -> list[Mapping[str, Any]]:
        """Oldest first."""
        with reading(self.store) as connection:
            found = connection.execute(select(rows.audit_events).order_by(rows.audit_events.c.id))
            return [dict(row) for row in found.mappings()]

    def contents(self) -> str:
        """All that the database holds but for the audit and when tokens were used."""
        beside = {"audit_events", "access_tokens", "access_keys"}
        with reading(self.store) as connection:
            return json.dumps(
                {
                    table.name: [list(map(str, row)) for row in connection.execute(select(table))]
                    for table in catalog_rows.metadata.sorted_tables
                    if table.name not in beside
                }
            )


def codes(answer: Json) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def world_at(folder: Path, migrated: Path) -> Iterator[World]:
    folder.mkdir(exist_ok=True)
    shutil.copy(migrated, folder / "isinglass.db")
    store = connect(sqlite_url(folder / "isinglass.db"))
    yield World(store, folder)
    store.dispose()


@pytest.fixture
def world(tmp_path: Path, migrated_sqlite: Path) -> Iterator[World]:
    yield from world_at(tmp_path / "home", migrated_sqlite)
