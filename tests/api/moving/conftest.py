"""A catalog that holds one of everything, with texts that are easily lost on the way; and what an import said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from api.moving.catalog_source import read_catalog
from api.moving.importing import Importing
from api.moving.lines import written
from api.moving.records import Record
from catalog import db
from catalog import statistics as kinds
from catalog.catalog import Catalog
from catalog.model import (
    VIRTUAL_VIEW,
    Column,
    Database,
    Function,
    Origin,
    Partition,
    Resource,
    SerDe,
    SortColumn,
    StorageDescriptor,
    Table,
)
from catalog.statistics import ColumnStatistics

LONG = '{"type":"struct","ä":["\\u0001"]}' * 300
AWKWARD = {"spark.sql.sources.schema": LONG, "empty": "", "lines": " a\r\n\tb ", "quotes": "'\""}
PARTITIONS = 1_203  # more than two of the parts in which they move

COLUMNS = (
    Column("id", "bigint", "the number", {"p": "1"}),
    Column("naïve", "struct<a:int,b:array<string>>"),
    Column("price", "decimal(38,18)"),
    Column("born", "date"),
    Column("flag", "boolean"),
    Column("ratio", "double"),
    Column("name", "string"),
    Column("body", "binary"),
)
OF_COLUMNS = (
    ColumnStatistics("id", "bigint", kinds.LongValues(-(2**63), 2**63 - 1, 0, 9)),
    ColumnStatistics("price", "decimal(38,18)", kinds.DecimalValues(Decimal("-12345678901234567890.0100"), None, 1, 2)),
    ColumnStatistics("born", "date", kinds.DateValues(-1, 20_000, 0, 3)),
    ColumnStatistics("flag", "boolean", kinds.BooleanValues(1, 2, 3)),
    ColumnStatistics("ratio", "double", kinds.DoubleValues(0.1, 1e300, 0, 4)),
    ColumnStatistics("name", "string", kinds.StringValues(70_000, 3.5, 0, 5)),
    ColumnStatistics("body", "binary", kinds.BinaryValues(1, 1.0, 2)),
)


def fill(catalog: Catalog) -> None:
    catalog.create_database(Database("shop", "söme", "s3://lake/shop", AWKWARD))
    catalog.create_database(Database("empty"))
    storage = StorageDescriptor(
        COLUMNS,
        "s3://lake/shop/orders b%2Fc",
        "in.Format",
        "out.Format",
        SerDe("a.Serde", AWKWARD, "name"),
        True,
        4,
        ("id",),
        (SortColumn("id", False),),
        {"k": "v"},
        True,
    )
    keys = (Column("day", "date", "when"), Column("region", "string"))
    orders = Table("shop", "orders", storage, keys, parameters=AWKWARD, description="d", owner="ada", retention=7)
    catalog.create_table(orders)
    view = Table("shop", "a_view", StorageDescriptor((Column("x", "int"),)), table_type=VIRTUAL_VIEW)
    catalog.create_table(Table(**{**vars(view), "view_original_text": "SELECT\n1", "view_expanded_text": "SELECT 1 x"}))
    resources = (Resource("JAR", "s3://lib/a.jar"), Resource("FILE", "x"))
    catalog.create_function(Function("shop", "f", "com.acme.F", "ada", "ROLE", "JAVA", resources))
    catalog.create_partitions("shop", "orders", list(partitions(storage)))
    catalog.put_table_statistics("shop", "orders", OF_COLUMNS)
    first, second = (each.name(orders) for each in list(partitions(storage))[:2])
    catalog.put_partition_statistics("shop", "orders", {first: OF_COLUMNS, second: OF_COLUMNS[:1]})


def partitions(storage: StorageDescriptor) -> Iterator[Partition]:
    own = StorageDescriptor((Column("other", "int"),), "hdfs://elsewhere/x=%20")
    yield Partition(("__HIVE_DEFAULT_PARTITION__", "a/b=c %"), own, {"numRows": "5", "ü": "\n"})
    for number in range(PARTITIONS - 1):
        yield Partition((f"d{number}", "é"), storage)


def told(catalog: Catalog, records: Iterable[Record], dry_run: bool = False) -> Counter[tuple[str, str]]:
    """How many things of which kind became what."""
    counts: Counter[tuple[str, str]] = Counter()
    for outcome in Importing(catalog, dry_run).take(records):
        counts[outcome.kind, outcome.action] += outcome.count
    return counts


def exported(catalog: Catalog) -> list[bytes]:
    return list(written(read_catalog(catalog, lambda _: True)))


@contextmanager
def sqlite_catalog(path: Path, copied: Path) -> Iterator[Catalog]:
    path.write_bytes(copied.read_bytes())
    engine = db.connect(db.sqlite_url(path))
    yield Catalog(engine, Origin("test"))
    engine.dispose()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """The database of a catalog that holds one of everything, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    with sqlite_catalog(path, migrated_sqlite) as catalog:
        fill(catalog)
    return path


@pytest.fixture
def full(tmp_path: Path, filled: Path) -> Iterator[Catalog]:
    with sqlite_catalog(tmp_path / "full.db", filled) as catalog:
        yield catalog


@pytest.fixture
def empty(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Catalog]:
    """A catalog on SQLite alone: what is asked of another source does not hang on the database."""
    with sqlite_catalog(tmp_path / "empty.db", migrated_sqlite) as catalog:
        yield catalog


@pytest.fixture
def export(full: Catalog, tmp_path: Path) -> Path:
    """The file of an export of `full`."""
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"".join(exported(full)))
    return path
