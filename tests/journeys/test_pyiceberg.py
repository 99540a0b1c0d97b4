"""PyIceberg's own hive catalog works on the service: tables, commits, and commits at once of which none is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog import hive
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.table import Table
from pyiceberg.types import LongType, StringType

from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin

ROWS = pa.table({"id": pa.array([1, 2], pa.int64()), "word": pa.array(["a", "b"])})


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Catalog]:
    engine = db.connect(db.sqlite_url(tmp_path / "catalog.db"))
    yield Catalog(engine, Origin(face="test"))
    engine.dispose()


@pytest.fixture
def server(core: Catalog, tmp_path: Path) -> Iterator[HiveServer]:
    server = HiveServer(core, "127.0.0.1", 0, f"file:{tmp_path}/warehouse")
    server.start()
    yield server
    server.stop()


def connect(server: HiveServer) -> hive.HiveCatalog:
    return hive.HiveCatalog(
        "isinglass",
        uri=f"thrift://127.0.0.1:{server.port}",
        **{"lock-check-min-wait-time": "0.01", "lock-check-max-wait-time": "0.1", "lock-check-retries": "100"},
    )


def test_a_table_lives_its_whole_life(server: HiveServer, core: Catalog, tmp_path: Path) -> None:
    iceberg = connect(server)
    iceberg.create_namespace("shop", {"comment": "A shop", "team": "web"})
    with pytest.raises(NamespaceAlreadyExistsError):
        iceberg.create_namespace("shop")
    assert set(iceberg.list_namespaces()) == {("default",), ("shop",)}
    assert iceberg.load_namespace_properties("shop")["comment"] == "A shop"
    iceberg.update_namespace_properties("shop", updates={"team": "data"})
    assert core.get_database("shop").parameters["team"] == "data"

    table = iceberg.create_table("shop.words", ROWS.schema)
    assert (tmp_path / "warehouse/shop.db/words/metadata").is_dir()
    with pytest.raises(TableAlreadyExistsError):
        iceberg.create_table("shop.words", ROWS.schema)
    table.append(ROWS)
    table.append(ROWS)
    assert iceberg.load_table("shop.words").scan().to_arrow().num_rows == 4
    table.overwrite(ROWS)
    with table.update_schema() as update:
        update.add_column("size", LongType())
        update.rename_column("word", "text")
    changed = iceberg.load_table("shop.words")
    assert [field.name for field in changed.schema().fields] == ["id", "text", "size"]
    assert isinstance(changed.schema().find_field("text").field_type, StringType)
    assert set(changed.scan().to_arrow()["text"].to_pylist()) == {"a", "b"}
    changed.delete("id = 1")

    iceberg.rename_table("shop.words", "shop.terms")
    with pytest.raises(NoSuchTableError):
        iceberg.load_table("shop.words")
    assert iceberg.list_tables("shop") == [("shop", "terms")]
    assert iceberg.load_table("shop.terms").scan().to_arrow()["text"].to_pylist() == ["b"]
    assert core.get_table("shop", "terms").parameters["table_type"] == "ICEBERG"
    assert core.list_versions("shop", "terms").items, "each commit is a version"

    with pytest.raises(NamespaceNotEmptyError):
        iceberg.drop_namespace("shop")
    iceberg.drop_table("shop.terms")
    iceberg.drop_namespace("shop")
    with pytest.raises(NoSuchNamespaceError):
        iceberg.load_namespace_properties("shop")
    assert list((tmp_path / "warehouse/shop.db/words/data").iterdir()), "an Iceberg table is external: its data stay"
    assert core.list_locks() == []


def test_of_commits_made_at_once_and_repeated_when_refused_none_is_lost(server: HiveServer) -> None:
    connect(server).create_namespace("shop")
    connect(server).create_table("shop.counted", ROWS.schema)
    together = threading.Barrier(4)

    def commit(worker: int) -> None:
        table = connect(server).load_table("shop.counted")
        together.wait()
        for number in range(3):
            rows = pa.table({"id": pa.array([worker * 10 + number], pa.int64()), "word": pa.array(["x"])})
            while not appended(table, rows):
                table.refresh()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(commit, range(4)))
    table = connect(server).load_table("shop.counted")
    found = table.scan().to_arrow()["id"].to_pylist()
    assert len(found) == 12
    assert set(found) == {worker * 10 + number for worker in range(4) for number in range(3)}
    assert len(table.history()) == 12


def appended(table: Table, rows: pa.Table) -> bool:
    """Whether the commit was accepted; a refused one is to be repeated on what the others wrote."""
    try:
        table.append(rows)
    except CommitFailedException:
        return False
    return True
