"""What every face promises of restoring and deleting versions, and of a table as of a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.errors import InvalidInput, NotFound, VersionConflict
from catalog.model import Column, Partition, Table
from tests.conftest import NOON, Clock
from tests.promises.faces import Face, over

pytestmark = over("update_table", "list_versions", "get_version")
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def texts(face: Face, flights: Table, clock: Clock) -> Table:
    """The table at version 3, of which the first began at noon and each other an hour after the one before."""
    for text in ("one", "two", "three"):
        clock.advance(hours=1)
        face.update_table(replace(flights, description=text))
    return face.get_table("travel", "flights")


@over("restore_version")
def test_restoring_makes_a_new_version_that_says_what_the_old_one_said(face: Face, texts: Table) -> None:
    face.restore_version("travel", "FLIGHTS", 1)
    found = face.get_table("travel", "flights")
    assert (found.description, found.version, found.token) == ("one", 4, 4)
    listed = face.list_versions("travel", "flights")
    assert [version.table.description for version in listed] == ["one", "three", "two", "one", None]
    assert [version.restored_from for version in listed] == [1, None, None, None, None]


@over("restore_version")
def test_restoring_what_is_in_force_writes_nothing(face: Face, texts: Table) -> None:
    face.restore_version("travel", "flights", 3)
    assert face.get_table("travel", "flights") == texts


@over("restore_version")
def test_restoring_keeps_the_parameters_that_only_count(face: Face, texts: Table) -> None:
    face.update_table(replace(texts, parameters={**texts.parameters, "numRows": "5", "owner": "ada"}))
    face.restore_version("travel", "flights", 0)
    assert face.get_table("travel", "flights").parameters == {"classification": "csv", "numRows": "5"}


@over("restore_version")
def test_a_version_that_is_missing_or_not_the_expected_one_is_refused(face: Face, texts: Table) -> None:
    with pytest.raises(NotFound, match=r"Version 9 of table travel.flights not found"):
        face.restore_version("travel", "flights", 9)
    with pytest.raises(VersionConflict, match="is at version 3, not 2"):
        face.restore_version("travel", "flights", 1, expected_version=2)
    with pytest.raises(NotFound, match=r"Table travel.none not found"):
        face.restore_version("travel", "none", 0)
    assert face.get_table("travel", "flights") == texts


@over("restore_version", "create_partitions")
def test_partition_keys_are_not_restored_under_partitions_that_others_name(face: Face, flights: Table) -> None:
    face.update_table(replace(flights, partition_keys=(Column("day", "date"),)))
    face.create_partitions("travel", "flights", [Partition(("2013-01-01",))])
    with pytest.raises(InvalidInput, match="it has partitions"):
        face.restore_version("travel", "flights", 0)


@over("get_table_as_of")
def test_a_table_is_told_as_it_stood_at_a_time(face: Face, texts: Table) -> None:
    def told(after: timedelta) -> str | None:
        return face.get_table_as_of("travel", "flights", NOON + after).table.description

    assert [told(HOUR * hours) for hours in (0, 1, 2, 3, 99)] == [None, "one", "two", "three", "three"]
    assert (told(HOUR - MOMENT), told(HOUR + MOMENT)) == (None, "one")
    with pytest.raises(NotFound, match=r"Version as of 2026-09-01T11:59:59.999999\+00:00 of table travel.flights"):
        told(-MOMENT)
    with pytest.raises(InvalidInput, match=r"the time 2026-09-01T12:00:00 is not valid: it has no time zone"):
        face.get_table_as_of("travel", "flights", NOON.replace(tzinfo=None))


@over("delete_versions", "get_table_as_of")
def test_old_versions_are_deleted_and_their_times_are_told_as_missing(face: Face, texts: Table) -> None:
    assert face.delete_versions("travel", "flights", [1, 7]) == 1
    assert [version.version for version in face.list_versions("travel", "flights")] == [3, 2, 0]
    with pytest.raises(NotFound):
        face.get_table_as_of("travel", "flights", NOON + HOUR)
    assert face.get_table_as_of("travel", "flights", NOON + HOUR * 2).version == 2
    assert face.get_table("travel", "flights") == texts
    face.update_table(replace(texts, description="four"))
    assert face.get_table("travel", "flights").version == 4


@over("delete_versions")
def test_the_version_in_force_is_not_deleted_nor_any_with_it(face: Face, texts: Table) -> None:
    with pytest.raises(InvalidInput, match=r"version 3 of table travel.flights is not valid: it is the one in force"):
        face.delete_versions("travel", "flights", [0, 3])
    assert len(face.list_versions("travel", "flights")) == 4
