"""What every face promises of user-defined functions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.errors import AlreadyExists, DatabaseNotEmpty, InvalidInput, NotFound
from catalog.model import Database, Function, Resource
from tests.conftest import NOON, Clock
from tests.promises.faces import Face, over

pytestmark = over("create_database", "create_function", "get_function", "list_functions", "delete_function")

LONG = "file:/" + "a\u00e9\t\r\n\"'\\\U0001f600 " * 20_000
DISTANCE = Function(
    "travel",
    "distance",
    "org.example.Distance",
    owner="ada",
    owner_type="ROLE",
    resources=(Resource("JAR", "s3://lake/geo.jar"), Resource("FILE", LONG)),
)


@pytest.fixture(autouse=True)
def travel(face: Face) -> None:
    face.create_database(Database("travel"))


def test_a_function_is_read_as_it_was_created_to_the_byte(face: Face) -> None:
    face.create_function(DISTANCE)
    assert face.get_function("travel", "distance") == replace(DISTANCE, created_at=NOON)


def test_the_name_of_a_function_folds_to_lower_case_when_written_and_when_read(face: Face) -> None:
    face.create_function(replace(DISTANCE, database="TRAVEL", name="Distance"))
    assert face.list_functions("Travel") == ["distance"]
    assert face.get_function("TRAVEL", "DISTANCE").name == "distance"
    face.delete_function("Travel", "Distance")
    assert face.list_functions("travel") == []


def test_a_function_is_unique_in_its_database(face: Face) -> None:
    face.create_database(Database("lab"))
    face.create_function(DISTANCE)
    with pytest.raises(AlreadyExists, match=r"Function travel\.distance already exists"):
        face.create_function(replace(DISTANCE, name="DISTANCE", class_name="another"))
    face.create_function(replace(DISTANCE, database="lab", class_name="another"))
    assert face.get_function("travel", "distance").class_name == "org.example.Distance"


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\nb", "n" * 256])
def test_a_function_cannot_be_created_under_a_bad_name(face: Face, name: str) -> None:
    with pytest.raises(InvalidInput, match="Function name"):
        face.create_function(replace(DISTANCE, name=name))


@over("update_function")
def test_what_is_missing_is_told_the_database_first(face: Face) -> None:
    for work in (
        lambda: face.create_function(replace(DISTANCE, database="none")),
        lambda: face.get_function("none", "distance"),
        lambda: face.list_functions("none"),
        lambda: face.delete_function("none", "distance"),
        lambda: face.update_function("none", "distance", DISTANCE),
    ):
        with pytest.raises(NotFound, match="Database none not found"):
            work()
    for work in (
        lambda: face.get_function("travel", "none"),
        lambda: face.delete_function("travel", "none"),
        lambda: face.update_function("travel", "none", DISTANCE),
    ):
        with pytest.raises(NotFound, match=r"Function travel\.none not found"):
            work()


@over("update_function")
def test_an_update_replaces_all_but_the_time_of_creation(face: Face, clock: Clock) -> None:
    face.create_function(DISTANCE)
    clock.advance(hours=1)
    face.update_function("travel", "Distance", Function("travel", "distance", "org.example.Other"))
    assert face.get_function("travel", "distance") == Function(
        "travel", "distance", "org.example.Other", created_at=NOON
    )


@over("update_function")
def test_an_update_may_rename_a_function_to_a_name_that_is_free(face: Face) -> None:
    for name in ("distance", "speed"):
        face.create_function(replace(DISTANCE, name=name))
    with pytest.raises(AlreadyExists, match=r"Function travel\.speed already exists"):
        face.update_function("travel", "distance", replace(DISTANCE, name="speed"))
    face.update_function("travel", "distance", replace(DISTANCE, name="range"))
    assert face.list_functions("travel") == ["range", "speed"]


@over("page_functions")
def test_functions_are_listed_by_name_in_pages(face: Face) -> None:
    for name in ("c", "a", "b"):
        face.create_function(replace(DISTANCE, name=name))
    first = face.page_functions("travel", 2, None)
    rest = face.page_functions("travel", 2, first.next_token)
    assert [each.name for each in first.items + rest.items] == ["a", "b", "c"]
    assert rest.next_token is None


def test_a_database_with_functions_goes_only_by_cascade_and_they_with_it(face: Face) -> None:
    face.create_function(DISTANCE)
    with pytest.raises(DatabaseNotEmpty, match=r"still holds 1 function"):
        face.delete_database("travel")
    face.delete_database("travel", cascade=True)
    face.create_database(Database("travel"))
    assert face.list_functions("travel") == []
