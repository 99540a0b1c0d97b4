"""Each script in samples/crawls, run as a user runs it, leaves the tables that it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.home import Home
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin, Table
from tests.object_store import Bucket

SAMPLES = Path(__file__).parents[2] / "samples"
FOLDER = SAMPLES / "crawls"
LAKE = {"aircraft", "airlines", "flights", "planes", "weather"}


@dataclass(frozen=True)
class Scratch:
    """The folder that a script works in. `tables` and `partitions` are what its catalog then has."""

    folder: Path

    def run(self, script: str, *words: str) -> str:
        """What it printed."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ISINGLASS_")}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", str(FOLDER / f"{script}.sh"), *words],
            env={**inherited, "PATH": path, "SCRATCH": str(self.folder)},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def tables(self) -> dict[str, Table]:
        engine = connect(sqlite_url(self.folder / "home" / "isinglass.db"))
        found = {table.name: table for table in Catalog(engine, Origin("test")).iter_tables("travel")}
        engine.dispose()
        return found

    def partitions(self, table: str) -> list[tuple[str, ...]]:
        engine = connect(sqlite_url(self.folder / "home" / "isinglass.db"))
        found = [each.values for each in Catalog(engine, Origin("test")).iter_partitions("travel", table)]
        engine.dispose()
        return found


@pytest.fixture
def scratch(tmp_path: Path, migrated_sqlite: Path) -> Scratch:
    folder = tmp_path / "a folder"
    Home.open(folder / "home")
    shutil.copy(migrated_sqlite, folder / "home" / "isinglass.db")  # it would be made there, in half a second
    return Scratch(folder)


def test_every_script_is_run_here_and_listed_in_the_readme() -> None:
    source, readme = Path(__file__).read_text(), (SAMPLES / "README.md").read_text()
    scripts = {path.stem for path in FOLDER.glob("*.sh")} - {"begin"}
    assert {name for name in scripts if f'run("{name}"' in source} == scripts
    assert {name for name in scripts if f"`crawls/{name}.sh`" in readme} == scripts


def test_a_local_folder(scratch: Scratch) -> None:
    scratch.run("local")
    assert set(scratch.tables()) == LAKE
    assert len(scratch.partitions("flights")) == 3


def test_a_bucket(scratch: Scratch, bucket: Bucket) -> None:
    lake = SAMPLES / "lake"
    bucket.put({f"lake/{file.relative_to(lake)}": file.read_bytes() for file in lake.rglob("*") if file.is_file()})
    scratch.run("s3", bucket.uri("lake"))
    tables = scratch.tables()
    assert set(tables) == LAKE - {"weather"}
    assert tables["planes"].storage.location == bucket.uri("lake/planes/")


def test_a_database_server(scratch: Scratch) -> None:
    scratch.run("jdbc")
    tables = scratch.tables()
    assert list(tables) == ["reg_main_airlines", "reg_main_large", "reg_main_planes"]
    assert [column.type for column in tables["reg_main_planes"].storage.columns] == ["string", "bigint", "bigint"]


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_table_with_a_log_of_its_own(scratch: Scratch, kind: str) -> None:
    told = {"delta": lambda: scratch.run("delta"), "iceberg": lambda: scratch.run("iceberg")}[kind]()
    assert "3,322 rows" in told
    [table] = scratch.tables().values()
    assert (table.name, table.parameters["table_type"].lower()) == ("planes", kind)


def test_a_table_of_the_catalog(scratch: Scratch) -> None:
    scratch.run("catalog")
    [table] = scratch.tables().values()
    assert (table.storage.columns[-1].name, table.version) == ("time_hour", 1)
    assert len(scratch.partitions("flights")) == 4


def test_a_classifier_of_one_s_own(scratch: Scratch) -> None:
    scratch.run("classifier")
    [table] = scratch.tables().values()
    columns = {column.name: column.type for column in table.storage.columns}
    assert columns == {"departed": "int", "flight": "string", "origin": "string", "dest": "string", "delay": "int"}
    assert (table.parameters["classification"], table.parameters["recordCount"]) == ("tower", "838")


def test_event_mode(scratch: Scratch) -> None:
    told = scratch.run("events")
    assert "1 of 1 event(s) concern a crawler in event mode" in told
    assert "27 files seen, 3 read" in told
    assert len(scratch.partitions("flights")) == 4


def test_a_plan_that_is_applied_in_part(scratch: Scratch) -> None:
    assert "applied: travel.flights" in scratch.run("plan")
    assert set(scratch.tables()) == {"flights"}
