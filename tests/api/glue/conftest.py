"""The Glue face over an empty catalog on SQLite, asked in this process without HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.glue.account import OWN_ACCOUNT
from api.glue.app import Answer, GlueApp
from api.glue.signing import Request, Unchecked
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin
from catalog.sealing import KEY_BYTES, Sealer
from engine.engine import Engine

Json = dict[str, Any]


class Refused(Exception):
    """A request that was refused, with the code and the message that came back."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


@dataclass
class Glue:
    app: GlueApp

    @property
    def catalog(self) -> Catalog:
        return self.app.catalog

    def send(self, operation: str, body: bytes) -> Answer:
        headers = {"x-amz-target": f"AWSGlue.{operation}", "content-type": "application/x-amz-json-1.1"}
        return self.app.answer(Request("POST", "/", "", headers, body))

    def ask(self, operation: str, **asked: Any) -> Json:
        """Raises Refused."""
        answer = self.send(operation, json.dumps(asked).encode())
        told: Json = json.loads(answer.body)
        if answer.status != 200:
            raise Refused(answer.status, told["__type"], told["Message"])
        return told

    def refusal(self, operation: str, **asked: Any) -> Refused:
        with pytest.raises(Refused) as caught:
            self.ask(operation, **asked)
        return caught.value


@pytest.fixture(scope="session")
def glue_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database, to be copied."""
    path = tmp_path_factory.mktemp("glue") / "empty.db"
    connect(sqlite_url(path)).dispose()
    return path


@pytest.fixture
def glue(glue_home: Path, tmp_path: Path) -> Iterator[Glue]:
    path = tmp_path / "glue.db"
    path.write_bytes(glue_home.read_bytes())
    engine = connect(sqlite_url(path))
    catalog = Catalog(engine, Origin("test"), sealer=lambda: Sealer([bytes(KEY_BYTES)]))
    yield Glue(GlueApp(catalog, Engine(engine, runs=tmp_path / "runs"), OWN_ACCOUNT, Unchecked()))
    engine.dispose()


@pytest.fixture
def flights(glue: Glue) -> Json:
    """The input of table travel.flights, which is there."""
    table: Json = {
        "Name": "flights",
        "StorageDescriptor": {
            "Columns": [{"Name": "carrier", "Type": "string"}, {"Name": "delay", "Type": "int", "Comment": "minutes"}],
            "Location": "s3://lake/flights/",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde", "Parameters": {}},
        },
        "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "origin", "Type": "string"}],
        "Parameters": {"classification": "csv"},
    }
    glue.ask("CreateDatabase", DatabaseInput={"Name": "travel"})
    glue.ask("CreateTable", DatabaseName="travel", TableInput=table)
    return table
