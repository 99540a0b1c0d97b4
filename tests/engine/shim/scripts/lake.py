"""A lake and a catalog in which a script runs as a job's, in this process, with the service's own routes behind it."""

from __future__ import annotations

import json
import runpy
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet
import pytest
import uvicorn
from sqlalchemy import Engine as SqlEngine

from api.app import build_app
from catalog.catalog import Catalog
from catalog.model import Column, Database, Origin, Partition, SerDe, StorageDescriptor, Table
from engine.engine import Engine
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, Job, Outcome, Run
from engine.states import RunState
from tests.engine.shim.scripts.cases import LAKE

SERDES = {
    "csv": SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","}),
    "json": SerDe("org.openx.data.jsonserde.JsonSerDe"),
    "parquet": SerDe("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
}
JOB = "nightly"


class Lake:
    """A folder of files, the tables that describe them, and the job whose runs the scripts are."""

    def __init__(self, store: SqlEngine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "lake"
        self.folder.mkdir()
        self.run_file = folder / "run.json"
        self.script_file = folder / "script.py"
        self.catalog, self.engine = Catalog(store, Origin("test")), Engine(store)
        self.engine.create_job(Job(JOB, str(self.script_file), {BOOKMARK_OPTION: BOOKMARK_ENABLE}))
        self.patch = monkeypatch
        self.patch.setenv("ISINGLASS_RUN_FILE", str(self.run_file))

    def lay(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def declare(self, name: str, place: str, format: str, columns: list[str], keys: list[str]) -> None:
        """A table over a folder; its partitions are the folder's `k=v` folders."""
        database, _, table = name.partition(".")
        if self.catalog.find_database(database) is None:
            self.catalog.create_database(Database(database, location=f"file://{self.folder / database}/"))
        root = self.folder / place
        storage = StorageDescriptor(_columns(columns), location=f"file://{root}/", serde=SERDES[format])
        self.catalog.create_table(
            Table(database, table, storage, _columns(keys), parameters={"classification": format})
        )
        if keys:
            found = sorted(root.glob("/".join(f"{key.partition(':')[0]}=*" for key in keys)))
            self.catalog.create_partitions(database, table, [_partition(storage, root, each) for each in found])

    def run(self, port: int, script: str, arguments: list[str]) -> Run:
        """The script as the next run of the job; the run ends as it did, and what it raised is raised."""
        run = self.engine.claim_run("worker", run_id=self.engine.start_job_run(JOB).id)
        assert run is not None
        line = {"endpoint": f"http://127.0.0.1:{port}", "run_id": run.id, "token": self.engine.give_token(run.id)}
        self.run_file.write_text(json.dumps({**line, "job_name": JOB, "bookmark": BOOKMARK_ENABLE}))
        self.script_file.write_text(script.replace(LAKE, f"file://{self.folder}/"))
        state = RunState.FAILED
        try:
            here = f"file://{self.folder}/"
            given = [
                *("--JOB_NAME", JOB, BOOKMARK_OPTION, BOOKMARK_ENABLE),
                *(a.replace(LAKE, here) for a in arguments),
            ]
            self.patch.setattr(sys, "argv", [str(self.script_file), *given])
            runpy.run_path(str(self.script_file), run_name="__main__")
            state = RunState.SUCCEEDED
        finally:
            ended = self.engine.finish_run(run.id, "worker", Outcome(state))
        return ended

    def files(self, place: str) -> list[Path]:
        found = sorted(path for path in (self.folder / place).rglob("*") if path.is_file())
        return [path for path in found if path.name[0] not in "._"]

    def records(self, place: str) -> list[dict[str, Any]]:
        """The records of JSON and Parquet files below a folder, with their partition's values."""
        return [
            {**record, **_values(file.relative_to(self.folder / place))}
            for file in self.files(place)
            for record in _records(file)
        ]

    def columns(self, name: str) -> str:
        database, _, table = name.partition(".")
        found = self.catalog.get_table(database, table)
        keys = [f"{key.name}:{key.type}" for key in found.partition_keys]
        return " ".join([f"{c.name}:{c.type}" for c in found.storage.columns] + (["by", *keys] if keys else []))


@contextmanager
def serve(store: SqlEngine) -> Iterator[int]:
    """The service's routes over a store, at a port of their own."""
    app = build_app(Catalog(store, Origin("test")), Engine(store))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    socket = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        yield socket.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        socket.close()


def _columns(words: list[str]) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, _, kind in (word.partition(":") for word in words))


def _partition(storage: StorageDescriptor, root: Path, folder: Path) -> Partition:
    values = tuple(_values(folder.relative_to(root)).values())
    return Partition(values, StorageDescriptor(storage.columns, location=f"file://{folder}/", serde=storage.serde))


def _values(below: Path) -> dict[str, str]:
    return {key: unquote(value) for key, _, value in (part.partition("=") for part in below.parts) if value}


def _records(file: Path) -> list[dict[str, Any]]:
    if file.suffix == ".parquet":
        with file.open("rb") as opened:
            return pyarrow.parquet.ParquetFile(opened).read().to_pylist()
    return [json.loads(line) for line in file.read_text().splitlines()]
