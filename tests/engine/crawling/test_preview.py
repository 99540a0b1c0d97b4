"""A few rows of a table, read in a process that may open the table's files alone."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.catalog import Catalog
from catalog.changes import AlterTable, SetParameters
from catalog.db import connect, sqlite_url
from catalog.errors import NotFound
from catalog.model import Column, Database, Origin, SerDe, StorageDescriptor, Table
from crawlers.crawl import crawl
from crawlers.errors import PlaceNotFound
from crawlers.model import Crawler, Target
from engine.crawling.preview import SECONDS, Preview, PreviewFile, PreviewRequest, preview
from engine.crawling.previewing import locked
from engine.errors import PreviewFailed, UnsupportedSource


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    store = connect(sqlite_url(tmp_path / "catalog.db"))
    opened = Catalog(store, Origin("test"))
    opened.create_database(Database("lake"))
    yield opened
    store.dispose()


@pytest.fixture
def lake(tmp_path: Path, catalog: Catalog) -> Path:
    folder = tmp_path / "lake"
    files: dict[str, str | bytes] = {
        "sales/month=1/a.csv": 'id,item\n1,"pen, blue"\n2,\n',
        "sales/month=2/a.csv": "id,item\n3,ink\n4,cap\n",
        "packed/a.csv.gz": gzip.compress(b"id|name\n1|x\n2|y\n"),
        "events/a.json": '{"Id": 1, "who": {"name": "ann"}}\n{"Id": 2, "tags": ["a"]}\n',
    }
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
    (folder / "flights").mkdir()
    for part, extra in enumerate(({}, {"late": [True]})):
        rows: dict[str, Any] = {"day": [date(2026, 1, 1 + part)], "cost": [Decimal("1.50")], "raw": [b"\x01"], **extra}
        pq.write_table(pa.table(rows), folder / "flights" / f"{part}.parquet")
    crawl(Crawler("c", "lake", (Target(str(folder)),)), catalog)
    return folder


def previewed(catalog: Catalog, name: str, limit: int, seconds: float = SECONDS) -> Preview:
    scratch = Path(str(catalog.engine.url.database)).parent
    try:
        return preview(catalog, "lake", name, limit, scratch, seconds)
    finally:
        assert not list(scratch.glob("preview-*")), "what was brought here is gone, whatever came of it"


ROWS = {
    "sales": [("1", "pen, blue", "1"), ("2", "", "1"), ("3", "ink", "2")],
    "packed": [(1, "x"), (2, "y")],
    "events": [(1, {"name": "ann"}, None), (2, None, ["a"])],
    "flights": [("2026-01-01", "1.50", None), ("2026-01-02", "1.50", True)],
}


@pytest.mark.parametrize("name", ROWS)
def test_the_first_rows_are_told_with_the_partition_s_values(catalog: Catalog, lake: Path, name: str) -> None:
    found = previewed(catalog, name, 3)
    columns = [column.name for column in catalog.get_table("lake", name).all_columns]
    assert list(found.columns) == columns
    shown = [tuple(value for column, value in zip(columns, row, strict=True) if column != "raw") for row in found.rows]
    assert shown == ROWS[name]


def test_a_limit_and_an_empty_table_are_kept(catalog: Catalog, lake: Path) -> None:
    assert len(previewed(catalog, "sales", 1).rows) == 1
    (lake / "empty").mkdir()
    text = SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe")
    storage = StorageDescriptor((Column("x", "int"),), location=f"file://{lake}/empty/", serde=text)
    catalog.create_table(Table("lake", "empty", storage))
    assert previewed(catalog, "empty", 5).rows == ()


def test_what_is_not_previewed_is_refused_by_name(catalog: Catalog, lake: Path) -> None:
    parquet = SerDe("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")
    orc = SerDe("org.apache.hadoop.hive.ql.io.orc.OrcSerde")
    text = SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe")
    here = f"file://{lake}/sales/"
    for name, storage, parameters in (
        ("orc", StorageDescriptor(location=here, serde=orc), {}),
        ("ice", StorageDescriptor(location=here, serde=parquet), {"table_type": "ICEBERG"}),
        ("lz", StorageDescriptor(location=here, serde=text), {"compressionType": "lz4"}),
        ("view", StorageDescriptor(serde=text), {}),
        ("odd", StorageDescriptor(location=here, serde=SerDe("x.Y")), {}),
    ):
        catalog.create_table(Table("lake", name, storage, parameters=parameters))
    for name, why in {
        "orc": "orc is not previewed, only csv, json, parquet",
        "ice": "a table of ICEBERG is not previewed",
        "lz": "packed with lz4 are not previewed",
        "view": "lie at no location",
        "odd": "jobs do not read SerDe x.Y yet",
    }.items():
        with pytest.raises(UnsupportedSource, match=why):
            previewed(catalog, name, 5)
    with pytest.raises(NotFound, match=r"Table lake\.none not found"):
        previewed(catalog, "none", 5)


def test_files_that_are_gone_damaged_or_slow_are_told(catalog: Catalog, lake: Path) -> None:
    with pytest.raises(PreviewFailed, match=r"it took more than 0\.001 seconds"):
        previewed(catalog, "sales", 5, seconds=0.001)
    (lake / "flights" / "0.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(PreviewFailed, match=r"lake\.flights cannot be previewed: .*0\.parquet: "):
        previewed(catalog, "flights", 5)
    (lake / "packed" / "a.csv.gz").unlink()
    (lake / "packed").rmdir()
    with pytest.raises(PlaceNotFound):
        previewed(catalog, "packed", 5)


def test_the_reader_opens_no_other_file_and_loads_nothing(lake: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("secret\n")
    mine = lake / "sales" / "month=1" / "a.csv"
    connection = locked(PreviewRequest("csv", (PreviewFile(str(mine), {}),), (), 5))
    assert connection.execute(f"SELECT count(*) FROM read_csv('{mine}')").fetchone() == (2,)
    for statement in (
        f"SELECT * FROM read_csv('{other}')",
        f"SELECT * FROM glob('{tmp_path}/*')",
        f"COPY (SELECT 1) TO '{tmp_path}/made.csv'",
        f"ATTACH '{tmp_path}/made.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SET enable_external_access = true",
        f"SET allowed_paths = ['{other}']",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement).fetchall()
    assert not list(tmp_path.glob("made*"))


def test_lines_above_that_are_no_number_are_named(catalog: Catalog, lake: Path) -> None:
    change = SetParameters({"skip.header.line.count": "one"})
    catalog.apply([AlterTable("lake", "sales", (change,))])
    with pytest.raises(PreviewFailed, match=r"skip\.header\.line\.count is 'one'"):
        previewed(catalog, "sales", 5)


@pytest.mark.parametrize("name", ["a*.csv", "a?.csv", "[a].csv"])
def test_a_path_that_would_be_a_pattern_is_refused_by_name(catalog: Catalog, lake: Path, name: str) -> None:
    (lake / "sales" / "month=1" / "a.csv").rename(lake / "sales" / "month=1" / name)
    with pytest.raises(UnsupportedSource, match="takes for a pattern"):
        previewed(catalog, "sales", 5)
