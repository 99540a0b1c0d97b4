"""What every face promises of table versions and of updates that meet."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from catalog.catalog import Catalog
from catalog.changes import AddColumn, AlterTable
from catalog.errors import AlreadyExists, DatabaseNotEmpty, NotFound, VersionConflict
from catalog.model import Column, Database, Origin, Parameters, Partition, Table
from tests.conftest import NOON, Clock
from tests.promises.faces import Face, over

pytestmark = over("update_table", "list_versions", "get_version")

COUNTED: Sequence[Parameters] = (
    {"recordCount": "100", "sizeKey": "2048", "objectCount": "1", "averageRecordSize": "20"},
    {"numRows": "5", "totalSize": "99", "COLUMN_STATS_ACCURATE": "{}"},
    {"transient_lastDdlTime": "1700000000"},
    {"spark.sql.statistics.numRows": "5", "spark.sql.statistics.colStats.delay.min": "-3"},
    {"CRAWL_RUN_ID": "cr_1"},
)


def test_version_ids_start_at_zero_and_are_listed_newest_first(face: Face, flights: Table) -> None:
    for text in ("one", "two", "three"):
        face.update_table(replace(flights, description=text))
    listed = face.list_versions("travel", "flights")
    assert [version.version for version in listed] == [3, 2, 1, 0]
    assert [version.table.description for version in listed] == ["three", "two", "one", None]
    assert face.get_table("travel", "flights").version == 3


def test_each_version_can_be_read_as_it_stood(face: Face, flights: Table, clock: Clock) -> None:
    clock.advance(hours=1)
    face.update_table(flights.with_columns((*flights.storage.columns, Column("gate", "string"))))
    first = face.get_version("travel", "flights", 0)
    assert first.table == replace(flights, updated_at=NOON)
    assert (first.created_at, face.get_version("travel", "flights", 1).created_at) == (NOON, clock())
    with pytest.raises(NotFound, match=r"Version 2 of table travel.flights not found"):
        face.get_version("travel", "flights", 2)


def test_an_update_that_changes_nothing_makes_no_version_and_no_token(face: Face, flights: Table, clock: Clock) -> None:
    clock.advance(hours=1)
    face.update_table(flights)
    face.update_table(replace(flights, database="TRAVEL", name="Flights", version=9, token=9, created_at=None))
    assert face.get_table("travel", "flights") == flights
    assert len(face.list_versions("travel", "flights")) == 1


@pytest.mark.parametrize("counted", COUNTED, ids=lambda parameters: next(iter(parameters)))
def test_parameters_that_only_count_move_the_token_but_make_no_version(
    face: Face, flights: Table, counted: Parameters
) -> None:
    face.update_table(replace(flights, parameters=flights.parameters | counted))
    found = face.get_table("travel", "flights")
    assert found.parameters == flights.parameters | counted
    assert (found.version, found.token) == (0, 1)
    assert len(face.list_versions("travel", "flights")) == 1


def test_a_change_back_to_an_earlier_definition_is_a_version_of_its_own(face: Face, flights: Table) -> None:
    face.update_table(replace(flights, description="changed"))
    face.update_table(flights)
    assert [version.table.description for version in face.list_versions("travel", "flights")] == [None, "changed", None]


def test_an_update_that_expects_an_older_version_is_refused_and_changes_nothing(face: Face, flights: Table) -> None:
    face.update_table(replace(flights, description="first"), expected_version=0)
    before = face.get_table("travel", "flights")
    with pytest.raises(VersionConflict, match="is at version 1, not 0"):
        face.update_table(replace(flights, description="late"), expected_version=0)
    assert face.get_table("travel", "flights") == before


def test_of_updates_that_meet_each_accepted_one_is_a_version_and_each_other_a_conflict(
    face: Face, flights: Table
) -> None:
    def work(worker: int) -> list[str]:
        accepted = []
        for attempt in range(8):
            current = face.get_table("travel", "flights")
            text = f"{worker}/{attempt}"
            try:
                face.update_table(replace(current, description=text), expected_version=current.version)
            except VersionConflict:
                continue
            accepted.append(text)
        return accepted

    with ThreadPoolExecutor(16) as pool:
        accepted = [text for texts in pool.map(work, range(16)) for text in texts]
    listed = face.list_versions("travel", "flights")
    assert [version.version for version in listed] == list(range(len(accepted), -1, -1))
    assert sorted(str(version.table.description) for version in listed[:-1]) == sorted(accepted)
    assert face.get_table("travel", "flights").token == len(accepted)


@over("apply", "get_table")
def test_changes_without_an_expected_token_that_meet_are_all_kept(face: Face, flights: Table) -> None:
    def add(number: int) -> None:
        face.apply([AlterTable("travel", "flights", (AddColumn(Column(f"extra{number}", "int")),))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(32)))
    found = face.get_table("travel", "flights")
    assert {column.name for column in found.storage.columns[2:]} == {f"extra{number}" for number in range(32)}
    assert found.version == 32


@over("create_partitions")
def test_of_those_who_create_the_same_partition_one_has_created_it(face: Face, flights: Table) -> None:
    def create(_: int) -> bool:
        try:
            face.create_partitions("travel", "flights", [Partition(("2013", "JFK"))])
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(16))) == 1


@over("create_partitions", "update_table")
def test_partitions_of_two_tables_with_many_descriptors_can_be_written_at_once(face: Face, flights: Table) -> None:
    for number in range(4):
        face.create_table(replace(flights, name=f"t{number}"))

    def write(number: int) -> None:
        order = list(range(60))
        random.Random(number).shuffle(order)
        new = [Partition((str(each), "X"), replace(flights.storage, number_of_buckets=each)) for each in order]
        face.create_partitions("travel", f"t{number}", new)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert all(len(face.list_partitions("travel", f"t{number}")) == 60 for number in range(4))


@over("create_table", "delete_database")
def test_a_table_created_while_its_database_is_deleted_is_not_lost_without_a_word(face: Face) -> None:
    def create(number: int) -> bool:
        try:
            face.create_table(Table(f"d{number}", "t"))
        except NotFound:
            return False
        return True

    def delete(number: int) -> bool:
        try:
            face.delete_database(f"d{number}")
        except DatabaseNotEmpty:
            return False
        return True

    for number in range(20):
        face.create_database(Database(f"d{number}"))
    with ThreadPoolExecutor(8) as pool:
        created = [pool.submit(create, number) for number in range(20)]
        deleted = [pool.submit(delete, number) for number in range(20)]
    assert [task.result() for task in created] == [not task.result() for task in deleted]


def test_a_version_tells_who_made_it_through_which_face_and_in_which_run(
    face: Face, flights: Table, catalog: Catalog
) -> None:
    by_crawl = Origin("crawl", "local", "cr_42")
    catalog.acting_as(by_crawl).update_table(replace(flights, description="crawled"))
    newest, first = face.list_versions("travel", "flights")
    assert newest.origin == by_crawl
    assert first.origin.run_id is None
    assert face.get_version("travel", "flights", 1).origin == by_crawl
