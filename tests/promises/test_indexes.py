"""What every face promises of partition indexes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.errors import AlreadyExists, InvalidInput, LimitReached, NotFound
from catalog.model import Column, Partition, PartitionIndex, Table
from tests.conftest import NOON
from tests.promises.faces import Face, over

pytestmark = over("create_partition_index", "list_partition_indexes", "delete_partition_index", "create_partitions")

WIDE = tuple(Column(name, "int") for name in "abcdef")


def test_an_index_is_listed_as_it_was_created_and_can_be_deleted(face: Face, flights: Table) -> None:
    face.create_partition_index("travel", "flights", PartitionIndex("by origin", ("Origin", "year")))
    face.create_partition_index("Travel", "Flights", PartitionIndex("by year", ("year",)))
    assert face.list_partition_indexes("travel", "flights") == [
        PartitionIndex("by origin", ("origin", "year"), NOON),
        PartitionIndex("by year", ("year",), NOON),
    ]
    face.delete_partition_index("travel", "flights", "by origin")
    assert [each.name for each in face.list_partition_indexes("travel", "flights")] == ["by year"]
    face.delete_table("travel", "flights")
    face.create_table(flights)
    assert face.list_partition_indexes("travel", "flights") == []


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (PartitionIndex("i", ()), "it names no partition key"),
        (PartitionIndex("i", ("delay",)), r"delay is no partition key of the table \(there are: year, origin\)"),
        (PartitionIndex("i", ("year", "YEAR")), "it names a key twice"),
        (PartitionIndex("", ("year",)), "it is empty"),
        (PartitionIndex("a/b", ("year",)), "it holds"),
    ],
)
def test_an_index_that_could_not_serve_is_refused(face: Face, flights: Table, index: PartitionIndex, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        face.create_partition_index("travel", "flights", index)
    assert face.list_partition_indexes("travel", "flights") == []


def test_a_name_stands_once_and_a_table_has_three_indexes_at_most(face: Face, flights: Table) -> None:
    for name in "abc":
        face.create_partition_index("travel", "flights", PartitionIndex(name, ("year",)))
    with pytest.raises(AlreadyExists, match=r"Partition index a of table travel\.flights already exists"):
        face.create_partition_index("travel", "flights", PartitionIndex("a", ("origin",)))
    with pytest.raises(LimitReached, match=r"Partition index d of table travel\.flights .* there are 3 already"):
        face.create_partition_index("travel", "flights", PartitionIndex("d", ("origin",)))


def test_what_is_missing_is_told(face: Face, flights: Table) -> None:
    with pytest.raises(NotFound, match=r"Partition index none of table travel\.flights not found"):
        face.delete_partition_index("travel", "flights", "none")
    with pytest.raises(NotFound, match=r"Table travel\.none not found"):
        face.create_partition_index("travel", "none", PartitionIndex("i", ("year",)))


def test_a_partition_key_that_an_index_names_stays_until_the_index_goes(face: Face, flights: Table) -> None:
    face.create_partition_index("travel", "flights", PartitionIndex("i", ("origin",)))
    changed = Table("travel", "flights", flights.storage, flights.partition_keys[:1])
    with pytest.raises(InvalidInput, match="partition index i names origin; delete that first"):
        face.update_table(changed)
    face.delete_partition_index("travel", "flights", "i")
    face.update_table(changed)
    assert face.get_table("travel", "flights").key_names == ("year",)


@over("list_partitions", "update_partitions")
def test_filters_find_what_is_there_before_after_and_beside_an_index(face: Face, flights: Table) -> None:
    face.create_table(Table("travel", "wide", partition_keys=WIDE))
    rows = [tuple(map(str, (0, 0, 0, at, at % 5, at % 7))) for at in range(40)]
    face.create_partitions("travel", "wide", [Partition(values) for values in rows[:20]])
    face.create_partition_index("travel", "wide", PartitionIndex("i", ("f", "e")))
    face.create_partitions("travel", "wide", [Partition(values) for values in rows[20:30]])
    face.update_partitions("travel", "wide", [Partition(values, parameters={"x": "y"}) for values in rows[:30]])
    meaning: dict[str, Callable[[int, int], bool]] = {
        "f = 3": lambda e, f: f == 3,
        "f != 3 and e < 2": lambda e, f: f != 3 and e < 2,
        "not (f in (1, 2) or e = 4)": lambda e, f: f not in (1, 2) and e != 4,
        "e = 9": lambda e, f: False,
    }
    for text, meant in meaning.items():
        wanted = {values for values in rows[:30] if meant(int(values[4]), int(values[5]))}
        assert {each.values for each in face.list_partitions("travel", "wide", text)} == wanted, text
