"""What every face promises of databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from catalog.errors import AlreadyExists, DatabaseNotEmpty, InvalidInput, NotFound, VersionConflict
from catalog.model import Database, Partition, Table
from tests.promises.faces import Face, over

pytestmark = over("create_database", "get_database", "list_databases", "delete_database")


def test_a_database_is_read_as_it_was_created(face: Face) -> None:
    face.create_database(Database("travel", "all about flights", "s3://lake/", {"owner": "éva", "empty": ""}))
    found = face.get_database("travel")
    assert replace(found, created_at=None) == Database(
        "travel", "all about flights", "s3://lake/", {"owner": "éva", "empty": ""}
    )


def test_the_name_of_a_database_folds_to_lower_case_when_written_and_when_read(face: Face) -> None:
    face.create_database(Database("TraVel"))
    assert face.list_databases() == ["travel"]
    assert face.get_database("TRAVEL").name == "travel"
    face.delete_database("Travel")
    assert face.list_databases() == []


def test_a_database_cannot_be_created_twice_whatever_its_case(face: Face) -> None:
    face.create_database(Database("travel"))
    with pytest.raises(AlreadyExists, match="Database travel already exists"):
        face.create_database(Database("TRAVEL", "another"))
    assert face.get_database("travel").description is None


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a\nb", "a\0b", "n" * 256])
def test_a_database_with_a_name_that_is_none_is_refused(face: Face, name: str) -> None:
    with pytest.raises(InvalidInput):
        face.create_database(Database(name))
    assert face.list_databases() == []


def test_a_database_that_is_not_there_is_not_found(face: Face) -> None:
    with pytest.raises(NotFound, match="Database ghosts not found"):
        face.get_database("ghosts")
    with pytest.raises(NotFound):
        face.delete_database("ghosts")


def test_an_update_of_a_database_replaces_all_but_its_name_and_age(face: Face) -> None:
    face.create_database(Database("travel", "old", "s3://old/", {"a": "1"}))
    before = face.get_database("travel")
    face.update_database(Database("TRAVEL", "new", None, {"b": "2"}))
    assert face.get_database("travel") == replace(
        before, description="new", location=None, parameters={"b": "2"}, version=1
    )


def test_an_update_of_a_database_that_changes_nothing_makes_no_version(face: Face) -> None:
    face.create_database(Database("travel", "old"))
    before = face.get_database("travel")
    face.update_database(Database("travel", "old"))
    assert face.get_database("travel") == before


def test_an_update_of_a_database_that_expects_another_version_changes_nothing(face: Face) -> None:
    face.create_database(Database("travel", "old"))
    face.update_database(Database("travel", "new"), expected_version=0)
    before = face.get_database("travel")
    for expected, description in ((0, "late"), (2, "early"), (0, "new")):
        with pytest.raises(VersionConflict, match=rf"Database travel is at version 1, not {expected}"):
            face.update_database(Database("Travel", description), expected_version=expected)
    assert face.get_database("travel") == before


def test_of_updates_of_a_database_that_expect_one_version_one_is_made(face: Face) -> None:
    face.create_database(Database("travel"))

    def update(number: int) -> bool:
        try:
            face.update_database(Database("travel", f"by {number}"), expected_version=0)
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(update, range(16))) == 1
    assert face.get_database("travel").version == 1


def test_a_database_that_is_not_there_is_not_made_by_an_update(face: Face) -> None:
    with pytest.raises(NotFound):
        face.update_database(Database("ghosts"))
    assert face.list_databases() == []


@over("create_table", "delete_database")
def test_a_database_with_tables_cannot_be_deleted(face: Face, flights: Table) -> None:
    with pytest.raises(DatabaseNotEmpty, match=r"still holds 1 table"):
        face.delete_database("travel")
    assert face.get_table("travel", "flights") == flights


def test_a_database_with_tables_is_deleted_with_them_when_that_is_asked_for(face: Face, flights: Table) -> None:
    face.create_partitions("travel", "flights", [Partition(("2013", "JFK"))])
    face.delete_database("travel", cascade=True)
    assert face.list_databases() == []
    face.create_database(Database("travel"))
    assert face.list_tables("travel") == []
    face.create_table(replace(flights, version=0))
    assert face.list_partitions("travel", "flights") == []
    assert len(face.list_versions("travel", "flights")) == 1
