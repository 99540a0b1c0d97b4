"""Partition indexes: that they serve the filters by their keys, and never change what a filter finds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from catalog import rows
from catalog.catalog import Catalog
from catalog.model import Column, Database, Partition, PartitionIndex, Table
from catalog.statistics import ColumnStatistics, LongValues
from tests.catalog.test_plans import plan

KEYS = tuple(Column(name, kind) for name, kind in zip("abcdefg", ("int",) * 4 + ("string", "int", "date"), strict=True))
LATE = PartitionIndex("late", ("e", "f"))


def partition(at: int) -> Partition:
    return Partition((*("1",) * 3, str(at), f"e{at % 700:04}", str(at % 900), f"2024-{at % 12 + 1:02}-01"))


@pytest.fixture
def many(catalog: Catalog) -> Catalog:
    """A table of seven keys with 3,000 partitions, and an index on the fifth and sixth key."""
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t", partition_keys=KEYS))
    catalog.create_partitions("d", "t", [partition(at) for at in range(2_000)])
    catalog.create_partition_index("d", "t", LATE)
    catalog.create_partitions("d", "t", [partition(at) for at in range(2_000, 3_000)])
    return catalog


# A filter, and the index that is to serve it; every other key of the table is the same in nearly all partitions.
SERVED = [
    ("e = 'e0007'", "text"),
    ("e in ('e0007', 'e0009')", "text"),
    ("e like 'e0007%'", "text"),
    ("not (e < 'e0007' or e > 'e0009')", "text"),
    ("f = 7", "number"),
    ("f >= 7 and f < 9", "number"),
    ("a = 1 and f = 7", "number"),
]


def test_a_filter_by_a_key_past_the_fourth_is_served_by_an_index_that_names_it(store: Engine, many: Catalog) -> None:
    for text, column in SERVED:
        told = plan(store, many, text)
        assert f"ix_partition_index_values_{column}" in told, f"{text}\n{told}"
        assert "Seq Scan" not in told, f"{text}\n{told}"
        assert "SCAN" not in told, f"{text}\n{told}"


def test_without_an_index_on_its_key_a_filter_is_answered_all_the_same(store: Engine, many: Catalog) -> None:
    assert "ix_partition_index_values" not in plan(store, many, "g = '2024-01-01'")
    assert many.count_partitions("d", "t", "g = '2024-01-01'") == 250


def kept(store: Engine) -> int:
    with store.connect() as connection:
        return connection.execute(select(func.count()).select_from(rows.partition_index_values)).scalar_one()


def test_a_renamed_partition_is_found_by_its_new_values_alone_and_keeps_its_statistics(catalog: Catalog) -> None:
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t", partition_keys=KEYS), [LATE])
    table, (old, new) = catalog.get_table("d", "t"), (partition(1), partition(2))
    [created] = catalog.create_partitions("d", "t", [old])
    known = [ColumnStatistics("a", "int", LongValues(1, 1, 0, 1))]
    catalog.put_partition_statistics("d", "t", {old.name(table): known})
    catalog.rename_partition("d", "t", old.values, new)
    assert not list(catalog.iter_partitions("d", "t", "f = 1"))
    assert list(catalog.iter_partitions("d", "t", "f = 2 and d = 2")) == [replace(new, created_at=created.created_at)]
    names = [each.name(table) for each in (old, new)]
    assert list(catalog.get_partition_statistics("d", "t", names)) == names[1:]


def test_values_are_kept_for_as_long_as_an_index_names_their_key(store: Engine, many: Catalog) -> None:
    assert kept(store) == 6_000
    many.create_partition_index("d", "t", PartitionIndex("both", ("a", "f")))
    assert kept(store) == 6_000
    many.delete_partitions("d", "t", [partition(at).values for at in range(1_000)])
    assert kept(store) == 4_000
    many.delete_partition_index("d", "t", "late")
    assert kept(store) == 2_000
    many.delete_partition_index("d", "t", "both")
    assert kept(store) == 0


def test_an_index_on_keys_with_columns_of_their_own_keeps_nothing_more(store: Engine, many: Catalog) -> None:
    many.delete_partition_index("d", "t", "late")
    many.create_partition_index("d", "t", PartitionIndex("early", ("a", "d")))
    assert kept(store) == 0


VALUES = st.sampled_from(["", "7", "07", "7.0", "-1", "x", "X", "é", "%", "2024-01-01", "__HIVE_DEFAULT_PARTITION__"])
CONDITIONS = st.builds(
    "{} {}".format,
    st.sampled_from(["e", "f", "g"]),
    st.sampled_from(["= 7", "!= '7'", "< 8", "in (7, '-1')", "like '7%'", "like '_'", "is null", "is not null"]),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: "({}) {} ({})".format(*parts)),
    ),
    max_leaves=4,
)


@given(
    found=st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=8),
    filter=FILTERS,
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_never_changes_what_a_filter_finds(
    catalog: Catalog, found: list[tuple[str, str, str]], filter: str
) -> None:
    if catalog.find_database("d") is None:
        catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t", partition_keys=KEYS))
    catalog.create_partitions("d", "t", [Partition(("1",) * 4 + each) for each in found], if_not_exists=True)
    before = list(catalog.iter_partitions("d", "t", filter))
    catalog.create_partition_index("d", "t", PartitionIndex("all", ("e", "f", "g")))
    after = list(catalog.iter_partitions("d", "t", filter))
    catalog.delete_table("d", "t")
    assert after == before
