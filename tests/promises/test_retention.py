"""What every face promises of old versions: which are kept, and that the one in force is never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from catalog.catalog import Catalog
from catalog.errors import InvalidInput, NotFound
from catalog.model import Table
from catalog.retention import KEEP_DAYS, KEEP_VERSIONS, Retention
from tests.conftest import Clock
from tests.promises.faces import Face, over

pytestmark = over("update_table", "list_versions", "get_table_as_of")


def versions(face: Face) -> list[int]:
    return [each.version for each in face.list_versions("travel", "flights")]


def update(face: Face, flights: Table, text: str, parameters: Mapping[str, str]) -> None:
    face.update_table(replace(flights, description=text, parameters={**flights.parameters, **parameters}))


def test_all_versions_are_kept_by_default(face: Face, flights: Table, clock: Clock) -> None:
    for at in range(1, 4):
        clock.advance(days=400)
        update(face, flights, str(at), {})
    assert versions(face) == [3, 2, 1, 0]


def test_a_table_keeps_as_many_versions_as_its_parameter_says(face: Face, flights: Table) -> None:
    for at in range(1, 5):
        update(face, flights, str(at), {KEEP_VERSIONS: "2"})
        assert versions(face) == [at, at - 1]
    update(face, flights, "one", {KEEP_VERSIONS: "1"})
    assert versions(face) == [5]


@over("delete_versions")
def test_versions_that_were_deleted_by_hand_do_not_count(face: Face, flights: Table) -> None:
    for at in range(1, 4):
        update(face, flights, str(at), {KEEP_VERSIONS: "3"})
    face.delete_versions("travel", "flights", [2])
    update(face, flights, "4", {KEEP_VERSIONS: "3"})
    assert versions(face) == [4, 3, 1]


def test_what_was_in_force_within_the_days_of_a_table_s_parameter_can_be_asked_for(
    face: Face, flights: Table, clock: Clock
) -> None:
    begun = clock()
    for at in range(1, 5):
        clock.advance(days=10)
        update(face, flights, str(at), {KEEP_DAYS: "15"})
    assert versions(face) == [4, 3, 2]  # the second was in force fifteen days ago
    clock.advance(days=-15)
    assert face.get_table_as_of("travel", "flights", clock()).version == 2
    with pytest.raises(NotFound):
        face.get_table_as_of("travel", "flights", begun)


def test_the_stricter_of_both_settings_counts(face: Face, flights: Table, clock: Clock) -> None:
    for at in range(1, 5):
        clock.advance(days=10)
        update(face, flights, str(at), {KEEP_DAYS: "35", KEEP_VERSIONS: "2"})
    assert versions(face) == [4, 3]


def test_the_one_setting_of_the_service_holds_for_tables_without_their_own(
    face: Face, flights: Table, catalog: Catalog
) -> None:
    for at in range(1, 4):
        update(face, flights, str(at), {})
    catalog.retention = Retention(versions=2)
    assert catalog.prune_versions("travel", "flights") == 2
    assert versions(face) == [3, 2]
    catalog.update_table(replace(flights, description="4", parameters={}))
    assert versions(face) == [4, 3]
    catalog.update_table(replace(flights, description="5", parameters={KEEP_VERSIONS: "all"}))
    catalog.update_table(replace(flights, description="6", parameters={KEEP_VERSIONS: "all"}))
    assert versions(face) == [6, 5, 4, 3]


def test_a_version_that_changes_nothing_deletes_nothing(face: Face, flights: Table, clock: Clock) -> None:
    update(face, flights, "1", {KEEP_DAYS: "1"})
    clock.advance(days=9)
    update(face, flights, "1", {KEEP_DAYS: "1"})
    assert versions(face) == [1, 0]


@over("create_table")
@pytest.mark.parametrize("name", [KEEP_VERSIONS, KEEP_DAYS])
def test_a_setting_that_is_none_is_refused_when_it_is_written(face: Face, flights: Table, name: str) -> None:
    for text in ("0", "-1", "1.5", "", "many", "9" * 5_000):
        with pytest.raises(InvalidInput, match=f"parameter {name} of table flights"):
            update(face, flights, "1", {name: text})
        with pytest.raises(InvalidInput, match=f"parameter {name} of table other"):
            face.create_table(Table("travel", "other", parameters={name: text}))
    assert versions(face) == [0]
