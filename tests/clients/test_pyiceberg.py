"""PyIceberg's Glue catalog: tables and their metadata, and commits at once of which none is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.types import LongType

from tests.clients.conftest import Endpoint

ROWS = pa.table({"id": pa.array([1, 2], pa.int64()), "word": pa.array(["a", "b"])})


def connect(glue: Endpoint, folder: Path) -> GlueCatalog:
    return GlueCatalog(
        "isinglass",
        **{
            "glue.endpoint": glue.url,
            "glue.region": "eu-west-1",
            "glue.access-key-id": "any",
            "glue.secret-access-key": "any",
            "warehouse": f"file:{folder}/warehouse",
        },
    )


def test_a_table_lives_its_whole_life(glue: Endpoint, tmp_path: Path) -> None:
    iceberg = connect(glue, tmp_path)
    iceberg.create_namespace("shop", {"comment": "A shop", "team": "web"})
    with pytest.raises(NamespaceAlreadyExistsError):
        iceberg.create_namespace("shop")
    iceberg.update_namespace_properties("shop", updates={"team": "data"})
    assert glue.catalog.get_database("shop").parameters["team"] == "data"
    assert iceberg.list_namespaces() == [("shop",)]

    table = iceberg.create_table("shop.words", ROWS.schema)
    with pytest.raises(TableAlreadyExistsError):
        iceberg.create_table("shop.words", ROWS.schema)
    table.append(ROWS)
    table.append(ROWS)
    with table.update_schema() as update:
        update.add_column("size", LongType())
    changed = iceberg.load_table("shop.words")
    assert changed.scan().to_arrow().num_rows == 4
    assert [field.name for field in changed.schema().fields] == ["id", "word", "size"]
    core = glue.catalog.get_table("shop", "words")
    assert core.parameters["table_type"] == "ICEBERG"
    assert core.parameters["metadata_location"] == changed.metadata_location
    assert [column.name for column in core.storage.columns] == ["id", "word", "size"]

    iceberg.rename_table("shop.words", "shop.terms")
    assert iceberg.list_tables("shop") == [("shop", "terms")]
    with pytest.raises(NamespaceNotEmptyError):
        iceberg.drop_namespace("shop")
    iceberg.drop_table("shop.terms")
    with pytest.raises(NoSuchTableError):
        iceberg.load_table("shop.terms")
    iceberg.drop_namespace("shop")


def test_of_commits_at_once_none_is_lost(glue: Endpoint, tmp_path: Path) -> None:
    iceberg = connect(glue, tmp_path)
    iceberg.create_namespace("shop")
    iceberg.create_table("shop.words", ROWS.schema)
    writers, appends = 4, 3
    together = threading.Barrier(writers)

    def write(_number: int) -> int:
        own = connect(glue, tmp_path)
        together.wait()
        lost = 0
        for _ in range(appends):
            while True:
                try:
                    own.load_table("shop.words").append(ROWS)
                    break
                except CommitFailedException:
                    lost += 1
        return lost

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    found = iceberg.load_table("shop.words")
    assert found.scan().to_arrow().num_rows == writers * appends * ROWS.num_rows
    assert len(found.metadata.snapshots) == writers * appends
