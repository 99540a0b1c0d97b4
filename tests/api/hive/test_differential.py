"""Our metastore beside Hive's own, behaviour by behaviour: the same calls by the same client, the answers compared.

`KNOWN_DIFFERENCES` tells each difference with its reason. One that is not listed fails, and so does one that is listed
and is none any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.hive.bindings import hive
from api.hive.server import HiveServer
from benchmarks.peers.java_metastore import java_metastore
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin
from tests.api.hive.behaviours import (  # noqa: F401 (each takes up its behaviours)
    databases,
    filters,
    others,
    partition_changes,
    partitions,
    table_changes,
    table_lists,
    tables,
)
from tests.api.hive.behaviours.asking import BEHAVIOURS, SHARED, Asked, outcome
from tests.api.hive.behaviours.unserved import AskedClient

KNOWN_DIFFERENCES: dict[str, str] = {
    name: reason
    for reason, names in {
        "Java keeps a function's name in the case it came in and looks it up in lower case, so it loses it": (
            "a_function",
        ),
        "Java breaks off the call; ours tells that the name is not valid or missing": (
            "a function named None",
            "a_database_without_a_name",
        ),
        "Hive compares columns by their places, and takes no type for a wider one but simple ones": (
            "adding_a_field_to_a_struct",
            "dropping_a_column_before_one_of_another_type",
        ),
        "ours tells that there is no such lock, as its method declares; Java says nothing": (
            "unlocking_what_is_not_locked",
        ),
        "ours says so: Hive answers well and renames nothing": ("renaming_a_database",),
        "the catalog keeps no owner of a database": ("a_database_s_owner",),
        "ours keeps them, as the data are the same; Hive 2.3 loses them": ("renaming_a_partition_with_statistics",),
        "Hive tells values in the order of the table's keys, whatever order is asked for": (
            "the_values_of_partitions_that_fit_a_filter",
        ),
        "Hive's OR passes over a table without the parameter, though the other side fits": (
            'names of tables with \'hive_filter_field_params__color = "red" or hive_filter_field_owner__ = "bob"\'',
        ),
        "ours is wider: Glue's catalog takes such names": (
            "a database named 'a b' (3 signs)",
            "a database named 'a-b' (3 signs)",
            "a database named 'a.b' (3 signs)",
            "a database named 'ä' (1 signs)",
            "a database named 'a;b' (3 signs)",
            'a database named "a\'b" (3 signs)',
            "renaming a table to 'a b' (3 signs)",
            "renaming a table to 'ä' (1 signs)",
            "a table named 'a b' (3 signs)",
            "a table named 'a-b' (3 signs)",
            "a table named 'a.b' (3 signs)",
            "a table named 'ä' (1 signs)",
            'a table named "a\'b" (3 signs)',
            "a table named 'a$' (2 signs)",
        ),
        "ours is stricter: such a name can stand for no folder, or for nothing": (
            "renaming a table to 'a/b' (3 signs)",
            "a table named 'a/b' (3 signs)",
            "a table named 'nnnnnnnnnnnnnnnnnnnn' (256 signs)",
            "a column named ''",
            "a partition key named ''",
            "a column named 'nnnnnnnnnnnnnnnnnnnn'",
            "a column named 'a/b'",
            "a partition key named 'a/b'",
            "altering to the column :int",
        ),
        "ours is stricter: one column would hide the other": (
            "a partition key named 'A'",
            "a_column_that_is_a_partition_key_too",
            "adding_a_column_named_as_a_key",
        ),
        "ours is wider: Glue's catalog takes any type": (
            "a column of type 'INT'",
            "a partition key of type 'INT'",
            "a column of type 'integer'",
            "a partition key of type 'integer'",
            "a column of type 'nonsense'",
            "a partition key of type 'nonsense'",
            "a column of type ''",
            "a partition key of type ''",
            "altering to the column a:",
        ),
        "ours is wider: its filters are Glue's as well": (
            "filter  ",
            "filter d = date '2024-01-01'",
            'filter d = "nonsense"',
            'filter p = "1"',
            "filter s = 1",
            "filter p = 1.5",
            "filter p in (1, 2)",
            "filter s in ('a')",
            "filter not p = 1",
            "filter not (p = 1)",
            "filter p is null",
            "filter p is not null",
            "filter s is null",
            "filter p == 1",
            "filter s like 'a%'",
            "filter s like 'a_b'",
            "filter p like '1.*'",
            "filter p like '1'",
            "filter d like '2024-01.*'",
            "filter d = '__HIVE_DEFAULT_PARTITION__'",
            "filter `p` = 1",
            "filter p=1and s='a'",
        ),
        "ours is stricter: Hive stops reading at a bracket too many": ("filter p = 1)",),
        "ours keeps what it is told: Hive alters neither description nor place": ("altering_a_database",),
        "ours says so: Hive answers well and alters nothing": ("altering_a_missing_database",),
        "ours keeps a place as it is spelled: Hive writes it as Hadoop does": (
            "a_location_of_a_database_as_it_is_spelled",
            "a_location_of_a_database_with_three_slashes",
            "a_location_as_it_is_spelled",
            "a_location_with_three_slashes",
            "a_location_without_a_scheme",
        ),
        "ours takes the type's word: Hive makes a managed table without the parameter": (
            "an_external_table_without_the_parameter",
            "the_parameter_external_in_small_letters",
            "altering_to_null_parameters",
            "a_table_whose_parameters_are_null",
        ),
        "ours tells a type that Hive does not know as an external table's": ("a_table_of_an_unknown_type",),
        "ours keeps the time of creation": ("altering_a_partition_keeps_its_time_of_creation",),
        "ours fills in what is missing: in Hive it fails as a null": (
            "altering_a_partition_to_no_location",
            "a_partition_without_a_storage",
            "altering_to_no_storage",
            "altering_to_no_location",
            "a_table_whose_columns_are_null",
            "a_table_without_a_serde",
            "table objects of None",
            "table_objects_by_request_without_names",
            "renaming a table to '' (none signs)",
            "renaming a table to '' (0 signs)",
        ),
        "ours lists all for an empty pattern or type: Hive refuses or finds none": (
            "databases like ''",
            "databases like '|'",
            "names of partitions that begin with []",
            "names of partitions that begin with None",
            "tables like ''",
            "tables of type 'NONSENSE'",
            "tables of type ''",
            "tables of type None",
        ),
        "ours minds no case in the keys of a name": ("the partition named 'P=1/S=a'",),
        "another version: of the protocol, not of the fb303 service": ("the_service_s_version",),
        "another exception, which says what it is: Hive's tells of its own failure": (
            "a database created without a name (0 signs)",
            "a database named 'nnnnnnnnnnnnnnnnnnnn' (300 signs)",
            "dropping_a_missing_database",
            "names_of_partitions_of_a_missing_table",
            "a_partition_that_stands_twice_in_a_batch",
            "adding_a_column_that_exists",
            "renaming a table to 'nnnnnnnnnnnnnnnnnnnn' (300 signs)",
            "a table named '' (none signs)",
            "a table named 'nnnnnnnnnnnnnnnnnnnn' (300 signs)",
            "a partition key named 'nnnnnnnnnnnnnnnnnnnn'",
            "a_column_that_stands_twice",
            "a_partition_key_that_stands_twice",
            "dropping_a_table_with_partitions",
            "the_fields_of_a_missing_table",
            "the_schema_of_a_missing_table",
        ),
    }.items()
    for name in names
}


@dataclass(frozen=True)
class Store:
    """A metastore, and the folder that only it uses, as a place."""

    port: int
    root: str

    def ask(self, name: str) -> object:
        """The outcome of a behaviour on a connection of its own, and in a database of its own unless it only reads."""
        own = SHARED.get(name) or f"b{list(BEHAVIOURS).index(name)}"
        with AskedClient(self.port) as client:
            asked = Asked(client, own, self.root)
            if own not in client.call("get_all_databases"):
                client.call("create_database", hive.Database(name=own, locationUri=asked.place()))
            return outcome(BEHAVIOURS[name], asked)


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("java")
    # It repeats a call that it cannot carry out ten times, after two seconds each.
    quick = {"hive.hmshandler.retry.interval": "1ms", "hive.hmshandler.retry.attempts": "1", "hive.in.tez.test": "true"}
    hasty = ["-XX:TieredStopAtLevel=1", "-Dderby.system.durability=test"]  # it does not run for long
    with java_metastore(folder, settings=quick, java_options=hasty) as peer:
        yield Store(peer.port, _place(folder / "lake"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("ours")
    engine = db.connect(db.sqlite_url(folder / "catalog.db"))
    catalog = Catalog(engine, Origin(face="test"))
    server = HiveServer(catalog, "127.0.0.1", 0, _place(folder / "warehouse"))
    server.start()
    yield Store(server.port, _place(folder / "lake"))
    server.stop()
    engine.dispose()


def _place(folder: Path) -> str:
    """As Hive spells it."""
    return f"file:{folder}"


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_it_behaves_as_hive_s_own_or_the_difference_is_known(name: str, ours: Store, java: Store) -> None:
    mine, theirs = ours.ask(name), java.ask(name)
    if name in KNOWN_DIFFERENCES:
        assert mine != theirs, "the two are alike now: strike it off the list"
    else:
        assert mine == theirs


def test_only_behaviours_are_listed_as_differing() -> None:
    assert KNOWN_DIFFERENCES.keys() <= BEHAVIOURS.keys()
