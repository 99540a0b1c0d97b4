"""What every face promises of column statistics."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from catalog.errors import InvalidInput, NotFound
from catalog.model import Column, Partition, Table
from catalog.statistics import (
    BinaryValues,
    BooleanValues,
    ColumnStatistics,
    DateValues,
    DecimalValues,
    DoubleValues,
    LongValues,
    StringValues,
    Values,
)
from tests.conftest import NOON, Clock
from tests.promises.faces import Face, over

pytestmark = over("put_table_statistics", "get_table_statistics", "put_partition_statistics")

DELAY = ColumnStatistics("delay", "int", LongValues(-(2**63), 2**63 - 1, 3, 40), NOON)
CARRIER = ColumnStatistics("carrier", "string", StringValues(2, 1.5, 0, 16), NOON)
JFK, LGA = "year=2013/origin=JFK", "year=2013/origin=LGA"


@pytest.fixture
def partitioned(face: Face, flights: Table) -> Table:
    face.create_partitions("travel", "flights", [Partition(("2013", "JFK")), Partition(("2013", "LGA"))])
    return flights


@pytest.mark.parametrize(
    "values",
    [
        BooleanValues(1, 2, 3),
        LongValues(None, None, 9, 0),
        DoubleValues(-1.5e300, 0.1, 0, 7),
        StringValues(10, 2.25, 1, 5),
        BinaryValues(10, 2.25, 1),
        DecimalValues(Decimal("-12345678901234567890123456789012345.678"), Decimal("1.20"), 0, 2),
        DecimalValues(None, None, 4, 0),
        DateValues(-1, 19_000, 0, 12),
        DateValues(None, None, 4, 0),
    ],
    ids=repr,
)
def test_statistics_of_each_kind_are_read_as_they_were_put(face: Face, flights: Table, values: Values) -> None:
    face.put_table_statistics("travel", "flights", [replace(DELAY, values=values)])
    assert face.get_table_statistics("travel", "flights", ["delay"]) == [replace(DELAY, values=values)]


def test_statistics_are_told_of_the_columns_that_have_some(face: Face, flights: Table) -> None:
    face.put_table_statistics("TRAVEL", "Flights", [replace(DELAY, column="DELAY"), CARRIER])
    assert face.get_table_statistics("travel", "flights", ["Delay", "carrier", "year", "none"]) == [CARRIER, DELAY]
    assert face.get_table_statistics("travel", "flights", ["year"]) == []


def test_statistics_put_again_replace_the_old_and_no_others(face: Face, flights: Table, clock: Clock) -> None:
    face.put_table_statistics("travel", "flights", [DELAY, CARRIER])
    clock.advance(hours=1)
    newer = replace(DELAY, type="bigint", values=LongValues(0, 1, 0, 2), analyzed_at=clock())
    face.put_table_statistics("travel", "flights", [newer])
    assert face.get_table_statistics("travel", "flights", ["delay", "carrier"]) == [CARRIER, newer]


def test_statistics_of_a_missing_column_or_without_a_length_are_refused_with_all_others(
    face: Face, flights: Table
) -> None:
    with pytest.raises(NotFound, match=r"Column none of table travel\.flights not found"):
        face.put_table_statistics("travel", "flights", [DELAY, replace(DELAY, column="none")])
    endless = replace(CARRIER, values=StringValues(2, float("nan"), 0, 0))
    with pytest.raises(InvalidInput, match="average length of column carrier"):
        face.put_table_statistics("travel", "flights", [DELAY, endless])
    with pytest.raises(NotFound, match=r"Table travel\.none not found"):
        face.put_table_statistics("travel", "none", [DELAY])
    assert face.get_table_statistics("travel", "flights", ["delay"]) == []


def test_statistics_make_no_version_and_move_no_token(face: Face, partitioned: Table) -> None:
    face.put_table_statistics("travel", "flights", [DELAY])
    face.put_partition_statistics("travel", "flights", {JFK: [DELAY]})
    assert face.get_table("travel", "flights") == partitioned


def test_partitions_have_statistics_of_their_own(face: Face, partitioned: Table) -> None:
    low = replace(DELAY, values=LongValues(0, 1, 0, 2))
    face.put_partition_statistics("travel", "flights", {JFK: [DELAY, CARRIER], LGA: [low]})
    found = face.get_partition_statistics("travel", "flights", [LGA, JFK, "year=1/origin=X"], ["delay", "carrier"])
    assert found == {JFK: [CARRIER, DELAY], LGA: [low]}
    assert face.get_partition_statistics("travel", "flights", [JFK, LGA], ["carrier"]) == {JFK: [CARRIER]}
    assert face.get_table_statistics("travel", "flights", ["delay"]) == []


def test_statistics_of_a_missing_partition_are_refused_with_all_others(face: Face, partitioned: Table) -> None:
    with pytest.raises(NotFound, match=r"Partition year=1/origin=X of table travel\.flights not found"):
        face.put_partition_statistics("travel", "flights", {JFK: [DELAY], "year=1/origin=X": [DELAY]})
    assert face.get_partition_statistics("travel", "flights", [JFK], ["delay"]) == {}


@over("delete_table_statistics", "delete_partition_statistics")
def test_statistics_are_deleted_by_column_or_all(face: Face, partitioned: Table) -> None:
    columns = ["delay", "carrier"]
    face.put_table_statistics("travel", "flights", [DELAY, CARRIER])
    face.put_partition_statistics("travel", "flights", {JFK: [DELAY, CARRIER], LGA: [DELAY]})
    assert face.delete_table_statistics("travel", "flights", "Delay") == 1
    assert face.delete_table_statistics("travel", "flights", "delay") == 0
    assert face.get_table_statistics("travel", "flights", columns) == [CARRIER]
    assert face.delete_partition_statistics("travel", "flights", JFK) == 2
    assert face.get_partition_statistics("travel", "flights", [JFK, LGA], columns) == {LGA: [DELAY]}


@over("update_table", "delete_table", "delete_partitions")
def test_statistics_go_with_their_column_their_type_their_partition_and_their_table(
    face: Face, partitioned: Table
) -> None:
    def left() -> tuple[list[str], dict[str, list[str]]]:
        columns = ["delay", "carrier"]
        of_partitions = face.get_partition_statistics("travel", "flights", [JFK, LGA], columns)
        return (
            [each.column for each in face.get_table_statistics("travel", "flights", columns)],
            {name: [each.column for each in found] for name, found in of_partitions.items()},
        )

    face.put_table_statistics("travel", "flights", [DELAY, CARRIER])
    face.put_partition_statistics("travel", "flights", {JFK: [DELAY, CARRIER], LGA: [DELAY]})
    carrier, delay = partitioned.storage.columns
    face.update_table(partitioned.with_columns((carrier, replace(delay, comment="in hours"), Column("gate", "int"))))
    assert left() == (["carrier", "delay"], {JFK: ["carrier", "delay"], LGA: ["delay"]})
    face.update_table(partitioned.with_columns((carrier, replace(delay, type="bigint"))))
    assert left() == (["carrier"], {JFK: ["carrier"]})
    face.delete_partitions("travel", "flights", [("2013", "JFK")])
    face.create_partitions("travel", "flights", [Partition(("2013", "JFK"))])
    assert left() == (["carrier"], {})
    face.update_table(partitioned.with_columns((delay,)))
    assert left() == ([], {})
    face.put_table_statistics("travel", "flights", [DELAY])
    face.delete_table("travel", "flights")
    face.create_table(partitioned)
    assert left() == ([], {})


@over("rename_table")
def test_statistics_go_with_a_renamed_table(face: Face, partitioned: Table) -> None:
    face.put_table_statistics("travel", "flights", [DELAY])
    face.rename_table("travel", "flights", "travel", "trips")
    assert face.get_table_statistics("travel", "trips", ["delay"]) == [DELAY]
