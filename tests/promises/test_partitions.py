"""What every face promises of partitions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.errors import AlreadyExists, InvalidInput, InvalidPageToken, NotFound
from catalog.model import Column, Database, Partition, SerDe, StorageDescriptor, Table
from tests.conftest import NOON, Clock
from tests.promises.faces import Face, over

pytestmark = over("create_partitions", "get_partition", "list_partitions", "delete_partitions")

ODD_VALUES = [
    "it's",
    'say "hi"',
    "50%",
    "%41",
    "a/b",
    "a=b",
    "a\\b",
    "..",
    " ",
    " a ",
    "ünï☃🦉",
    "a\nb",
    "\x01",
    "'); DROP TABLE tables; --",
    "${x}",
    "x" * 3_000,
    "__HIVE_DEFAULT_PARTITION__",
]


def partition(year: str, origin: str = "JFK", **parameters: str) -> Partition:
    storage = StorageDescriptor(
        columns=(Column("carrier", "string"),),
        location=f"s3://lake/flights/year={year}/origin={origin}",
        serde=SerDe("org.example.SerDe", {"field.delim": ","}),
    )
    return Partition((year, origin), storage, parameters)


def test_a_partition_is_read_as_it_was_created(face: Face, flights: Table) -> None:
    new = partition("2013", numFiles="1", note="it's")
    added = face.create_partitions("Travel", "FLIGHTS", [new])
    assert added == [replace(new, created_at=NOON)]
    assert face.get_partition("travel", "flights", ("2013", "JFK")) == replace(new, created_at=NOON)
    assert face.list_partitions("travel", "flights") == [replace(new, created_at=NOON)]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: ascii(value[:20]))
def test_an_odd_partition_value_is_kept_to_the_letter(face: Face, flights: Table, value: str) -> None:
    face.create_partitions("travel", "flights", [partition("2013", value), partition("2013", "plain")])
    assert face.get_partition("travel", "flights", ("2013", value)).values == ("2013", value)
    assert ("2013", value) in [found.values for found in face.list_partitions("travel", "flights")]
    face.update_partitions("travel", "flights", [partition("2013", value, note="changed")])
    assert face.get_partition("travel", "flights", ("2013", value)).parameters == {"note": "changed"}
    assert face.delete_partitions("travel", "flights", [("2013", value)]) == 1
    assert [found.values for found in face.list_partitions("travel", "flights")] == [("2013", "plain")]


def test_a_value_that_cannot_be_stored_is_refused(face: Face, flights: Table) -> None:
    with pytest.raises(InvalidInput):
        face.create_partitions("travel", "flights", [partition("2013", "a\0b")])


def test_values_that_look_alike_are_different_partitions(face: Face, flights: Table) -> None:
    values = ["a", "A", "a ", "%61", "\u00e1", "a\u0301"]
    face.create_partitions("travel", "flights", [partition("2013", value) for value in values])
    assert {found.values[1] for found in face.list_partitions("travel", "flights")} == set(values)


def test_a_partition_cannot_be_created_twice(face: Face, flights: Table) -> None:
    face.create_partitions("travel", "flights", [partition("2013")])
    with pytest.raises(AlreadyExists, match=r"year=2013/origin=JFK of table travel.flights"):
        face.create_partitions("travel", "flights", [partition("2014"), partition("2013", note="second")])
    found = face.list_partitions("travel", "flights")
    assert [(each.values, each.parameters) for each in found] == [(("2013", "JFK"), {})]


def test_a_partition_given_twice_in_one_request_is_refused(face: Face, flights: Table) -> None:
    with pytest.raises(AlreadyExists):
        face.create_partitions("travel", "flights", [partition("2013"), partition("2013", note="second")])
    assert face.list_partitions("travel", "flights") == []


def test_those_that_are_not_there_yet_are_created_when_that_is_asked_for(face: Face, flights: Table) -> None:
    face.create_partitions("travel", "flights", [partition("2013", note="first")])
    added = face.create_partitions(
        "travel", "flights", [partition("2013", note="second"), partition("2014")], if_not_exists=True
    )
    assert [each.values for each in added] == [("2014", "JFK")]
    assert face.get_partition("travel", "flights", ("2013", "JFK")).parameters == {"note": "first"}


@pytest.mark.parametrize("values", [(), ("2013",), ("2013", "JFK", "extra")])
def test_a_partition_has_as_many_values_as_the_table_has_keys(
    face: Face, flights: Table, values: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput, match="the table has year, origin"):
        face.create_partitions("travel", "flights", [Partition(values)])
    with pytest.raises(InvalidInput):
        face.get_partition("travel", "flights", values)
    with pytest.raises(InvalidInput):
        face.delete_partitions("travel", "flights", [values])


def test_an_update_of_partitions_replaces_them_but_keeps_their_age(face: Face, flights: Table, clock: Clock) -> None:
    face.create_partitions("travel", "flights", [partition("2013"), partition("2014")])
    clock.advance(hours=1)
    moved = replace(partition("2013", note="new"), storage=StorageDescriptor(location="s3://elsewhere/"))
    face.update_partitions("travel", "flights", [moved])
    assert face.list_partitions("travel", "flights") == [
        replace(moved, created_at=NOON),
        replace(partition("2014"), created_at=NOON),
    ]


def test_an_update_of_a_partition_that_is_not_there_changes_none(face: Face, flights: Table) -> None:
    face.create_partitions("travel", "flights", [partition("2013")])
    with pytest.raises(NotFound, match=r"Partition year=2014/origin=JFK of table travel.flights not found"):
        face.update_partitions("travel", "flights", [partition("2013", note="new"), partition("2014")])
    assert face.get_partition("travel", "flights", ("2013", "JFK")).parameters == {}


def test_a_partition_that_is_not_there_is_not_found(face: Face, flights: Table) -> None:
    with pytest.raises(NotFound, match="Partition year=2013/origin=JFK"):
        face.get_partition("travel", "flights", ("2013", "JFK"))
    assert face.delete_partitions("travel", "flights", [("2013", "JFK")]) == 0


def test_partitions_of_a_table_that_is_not_there_are_not_found(face: Face) -> None:
    face.create_database(Database("travel"))
    with pytest.raises(NotFound, match=r"Table travel.ghost not found"):
        face.create_partitions("travel", "ghost", [partition("2013")])
    with pytest.raises(NotFound, match=r"Table travel.ghost not found"):
        face.list_partitions("travel", "ghost")


def test_thousands_of_partitions_are_created_listed_and_deleted_at_once(face: Face, flights: Table) -> None:
    many = [partition(str(number)) for number in range(5_000)]
    assert len(face.create_partitions("travel", "flights", many)) == 5_000
    listed = face.list_partitions("travel", "flights")
    assert {each.values for each in listed} == {each.values for each in many}
    assert {each.storage.location for each in listed} == {each.storage.location for each in many}
    assert face.delete_partitions("travel", "flights", [each.values for each in many[:4_999]]) == 4_999
    assert [each.values for each in face.list_partitions("travel", "flights")] == [("4999", "JFK")]


@over("page_partitions")
@pytest.mark.parametrize("filter", [None, "year >= 0"])
def test_pages_of_partitions_skip_and_repeat_nothing_while_partitions_come_and_go(
    face: Face, flights: Table, filter: str | None
) -> None:
    stays = [("2013", f"o{number:03}") for number in range(0, 100, 2)]
    goes = [("2013", f"o{number:03}x") for number in range(0, 100, 10)]
    face.create_partitions("travel", "flights", [Partition(values) for values in stays + goes])
    seen: list[tuple[str, ...]] = []
    token, pages = None, 0
    while True:
        page = face.page_partitions("travel", "flights", filter, 7, token)
        assert len(page.items) <= 7
        seen += [each.values for each in page.items]
        token, pages = page.next_token, pages + 1
        if token is None:
            break
        before, after = ("2013", f"a{pages}"), ("2013", f"o{pages * 7:03}+")
        face.create_partitions("travel", "flights", [Partition(before), Partition(after)])
        face.delete_partitions("travel", "flights", [goes.pop(), seen[-1]])  # the place where the next page begins
    assert len(seen) == len(set(seen))
    assert set(stays) <= set(seen)


@over("page_partitions", "page_tables")
def test_a_token_of_another_list_is_refused(face: Face, flights: Table) -> None:
    face.create_table(replace(flights, name="planes"))
    token = face.page_tables("travel", 1, None).next_token
    assert token is not None
    with pytest.raises(InvalidPageToken):
        face.page_partitions("travel", "flights", None, 1, token)


def test_one_update_may_hold_partitions_of_many_shapes(face: Face, flights: Table) -> None:
    shapes = [
        replace(partition(str(number)), storage=StorageDescriptor((Column("c", f"decimal({number},0)"),)))
        for number in range(1, 30)
    ]
    face.create_partitions("travel", "flights", shapes)
    found = {each.values: each.storage for each in face.list_partitions("travel", "flights")}
    assert found == {each.values: each.storage for each in shapes}
