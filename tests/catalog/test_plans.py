"""How the database finds what a filter asks for: by the index on the key, never through the whole table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event

from catalog.catalog import Catalog
from catalog.model import Column, Database, Partition, Table

KEYS = (Column("day", "string"), Column("slot", "int"), Column("dt", "date"), Column("share", "decimal(10,2)"))

# A filter, and the indexes that may serve it.
SERVED = [
    ("day = 'd0007'", {"text_0"}),
    ("day in ('d0007', 'd0009')", {"text_0"}),
    ("day = 'd0007' or day = 'd0009'", {"text_0"}),
    ("day > 'd0007' and day <= 'd0009'", {"text_0"}),
    ("day between 'd0007' and 'd0009'", {"text_0"}),
    ("day like 'd0007%'", {"text_0"}),
    ("day like 'd0007%x_'", {"text_0"}),
    ("not (day < 'd0007' or day > 'd0009')", {"text_0"}),
    ("slot = 7", {"number_1"}),
    ("slot in (7, 9)", {"number_1"}),
    ("slot >= 7 and slot < 9", {"number_1"}),
    ("dt = '2024-01-07'", {"text_2"}),
    ("dt >= '2024-01-07' and dt <= '2024-01-08'", {"text_2"}),
    ("share = 7.5", {"number_3"}),
    ("day = 'd0007' and slot = 7", {"text_0", "number_1"}),
]


@pytest.fixture
def many(catalog: Catalog) -> Catalog:
    """A table of 2,500 partitions, of which none of the filters finds more than a hundredth."""
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t", partition_keys=KEYS))
    values = [
        (f"d{at % 500:04}", str(at), f"2024-{at % 12 + 1:02}-{at // 12 % 28 + 1:02}", f"{at}.5") for at in range(2_500)
    ]
    catalog.create_partitions("d", "t", [Partition(each) for each in values])
    return catalog


def every(catalog: Catalog, filter: str) -> object:
    return list(catalog.iter_partitions("d", "t", filter))


def page(catalog: Catalog, filter: str) -> object:
    return catalog.list_partitions("d", "t", filter)


def plan(store: Engine, catalog: Catalog, filter: str, listed: Callable[[Catalog, str], object] = every) -> str:
    """What the database says that it does to list the partitions that match."""
    said: list[tuple[str, Any]] = []

    def heard(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "FROM partitions" in statement:
            said.append((statement, parameters))

    event.listen(store, "before_cursor_execute", heard)
    listed(catalog, filter)
    event.remove(store, "before_cursor_execute", heard)
    explain = "EXPLAIN" if store.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with store.connect() as connection:
        if store.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE partitions, partition_index_values")
        rows = connection.exec_driver_sql(f"{explain} {said[-1][0]}", said[-1][1])
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("listed", [every, page])
def test_a_filter_is_served_by_the_index_on_its_key(
    store: Engine, many: Catalog, listed: Callable[[Catalog, str], object]
) -> None:
    for text, indexes in SERVED:
        told = plan(store, many, text, listed)
        assert any(f"ix_partitions_{name}" in told for name in indexes), f"{text}\n{told}"
        assert "Seq Scan on partitions" not in told
        assert "SCAN partitions" not in told
        assert "pk_partitions" not in told
