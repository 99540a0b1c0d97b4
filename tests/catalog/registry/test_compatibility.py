"""Compatibility modes: with what a new version is compared, and what a registration makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from catalog.catalog import Catalog
from catalog.errors import CheckpointKept, InvalidSchema, VersioningDisabled
from catalog.model import Origin
from catalog.registry.compatibility import MODES, concerned, misfits
from catalog.registry.model import Schema, SchemaChange, SchemaKey

KEY = SchemaKey("default-registry", "flights")


def flight(*needed: str, optional: Sequence[str] = ()) -> str:
    fields: list[dict[str, object]] = [{"name": name, "type": "int"} for name in needed]
    fields += [{"name": name, "type": "int", "default": 0} for name in optional]
    return json.dumps({"type": "record", "name": "Flight", "fields": fields})


# What follows a version with the fields a and b, of which b has a default.
FIRST = flight("a", optional="b")
ADDED, LESS, OPTIONAL, WITHOUT_OPTIONAL = (
    flight("a", "c", optional="b"),
    flight(optional="b"),
    flight("a", optional="bc"),
    flight("a"),
)


@pytest.mark.parametrize(
    ("mode", "fits"),
    [
        ("NONE", [ADDED, LESS, OPTIONAL, WITHOUT_OPTIONAL]),
        ("BACKWARD", [LESS, OPTIONAL, WITHOUT_OPTIONAL]),
        ("FORWARD", [ADDED, OPTIONAL, WITHOUT_OPTIONAL]),
        ("FULL", [OPTIONAL, WITHOUT_OPTIONAL]),
    ],
)
def test_a_mode_lets_in_what_fits_the_latest_version_or_all(catalog: Catalog, mode: str, fits: list[str]) -> None:
    for each in (mode, f"{mode}_ALL") if mode != "NONE" else (mode,):
        for new in (ADDED, LESS, OPTIONAL, WITHOUT_OPTIONAL):
            catalog.create_schema(Schema(KEY, "AVRO", each), FIRST)
            made = catalog.register_schema_version(KEY, new)
            assert (made.number, made.status) == (2, "AVAILABLE" if new in fits else "FAILURE"), (each, new)
            catalog.delete_schema(KEY)


@pytest.mark.parametrize("mode", MODES)
def test_modes_of_all_compare_with_all_versions_since_the_checkpoint_and_others_with_the_latest(mode: str) -> None:
    wanted = [] if mode in ("NONE", "DISABLED") else [5, 4, 2] if mode.endswith("_ALL") else [5]
    assert concerned(mode, 2, [1, 2, 4, 5]) == wanted
    assert concerned(mode, 1, []) == []


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        ("BACKWARD", [("new", "old")]),
        ("FORWARD", [("old", "new")]),
        ("FULL", [("new", "old"), ("old", "new")]),
        ("NONE", []),
    ],
)
def test_backward_reads_the_old_with_the_new_and_forward_the_new_with_the_old(
    mode: str, asked: list[tuple[str, str]]
) -> None:
    found = misfits(mode, "new", ["old"], lambda reader, writer: [f"{reader} {writer}"])
    assert [tuple(each.split()[1:]) for each in found] == asked


def test_a_version_may_fit_the_latest_and_not_those_before(catalog: Catalog) -> None:
    catalog.create_schema(Schema(KEY, "AVRO", "BACKWARD"), flight("a"))
    assert catalog.register_schema_version(KEY, flight("a", optional="b")).status == "AVAILABLE"
    assert catalog.register_schema_version(KEY, flight("a", "b")).status == "AVAILABLE"
    catalog.update_schema(KEY, SchemaChange(compatibility="BACKWARD_ALL", checkpoint=1))
    refused = catalog.register_schema_version(KEY, flight("a", "b", optional="c"))
    assert (refused.number, refused.status) == (4, "FAILURE")
    assert catalog.register_schema_version(KEY, flight("a", "b", optional="c")) == refused
    catalog.update_schema(KEY, SchemaChange(checkpoint=2))
    let_in = catalog.register_schema_version(KEY, flight("a", "b", optional="c"))
    assert (let_in.number, let_in.status) == (5, "AVAILABLE")
    assert catalog.get_version_by_definition(KEY, flight("a", "b", optional="c")) == let_in
    schema = catalog.get_schema(KEY)
    assert (schema.checkpoint, schema.latest, schema.next_version) == (2, 5, 6)


def test_what_was_not_let_in_is_nothing_that_later_versions_are_compared_with(catalog: Catalog) -> None:
    catalog.create_schema(Schema(KEY, "AVRO", "BACKWARD"), flight("a"))
    assert catalog.register_schema_version(KEY, flight("a", "b")).status == "FAILURE"
    assert catalog.get_numbered_version(KEY, None).number == 1
    assert catalog.register_schema_version(KEY, flight("a", optional="b")).number == 3


def test_a_definition_that_is_there_gives_that_version_back(catalog: Catalog) -> None:
    _, first = catalog.create_schema(Schema(KEY, "AVRO", "FULL"), flight("a"))
    assert first is not None
    assert catalog.register_schema_version(KEY, json.dumps(json.loads(flight("a")), indent=4)) == first
    assert catalog.get_version_by_definition(KEY, f" {flight('a')}\n") == first
    assert catalog.get_schema(KEY).next_version == 2


def test_disabled_takes_one_version_and_no_further(catalog: Catalog) -> None:
    catalog.create_schema(Schema(KEY, "AVRO", "DISABLED"))
    assert catalog.register_schema_version(KEY, flight("a")).number == 1
    for definition in (flight("a"), flight("b")):
        with pytest.raises(VersioningDisabled):
            catalog.register_schema_version(KEY, definition)


def test_a_schema_that_is_refused_is_not_there(catalog: Catalog) -> None:
    with pytest.raises(InvalidSchema):
        catalog.create_schema(Schema(KEY, "AVRO", "NONE"), "{")
    assert catalog.list_schemas().items == ()
    catalog.create_schema(Schema(KEY, "AVRO", "NONE"), flight("a"))
    with pytest.raises(InvalidSchema):
        catalog.register_schema_version(KEY, "{")
    assert catalog.get_schema(KEY).next_version == 2


def test_the_checkpoint_cannot_be_deleted_and_numbers_are_never_given_again(catalog: Catalog) -> None:
    catalog.create_schema(Schema(KEY, "AVRO", "NONE"), flight("a"))
    for name in ("b", "c", "d"):
        catalog.register_schema_version(KEY, flight(name))
    catalog.update_schema(KEY, SchemaChange(compatibility="FULL_ALL"))
    with pytest.raises(CheckpointKept):
        catalog.delete_schema_versions(KEY, [(2, 4)])
    catalog.update_schema(KEY, SchemaChange(compatibility="NONE", checkpoint=2))
    refused = catalog.delete_schema_versions(KEY, [(3, 100_000), (1, 1)])
    assert sorted(refused) == [1, 5]
    assert [each.number for each in catalog.list_schema_versions(KEY).items] == [1, 2]
    assert catalog.register_schema_version(KEY, flight("d")).number == 5


def test_registrations_at_once_lose_nothing(store: Engine) -> None:
    catalog = Catalog(store, Origin("test"))
    catalog.create_schema(Schema(KEY, "AVRO", "NONE"), flight("a"))
    wanted = [flight(f"f{number % 12}") for number in range(24)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda definition: catalog.register_schema_version(KEY, definition), wanted))
    assert sorted({each.number for each in made}) == list(range(2, 14))
    assert {each.definition for each in made} == set(wanted)
    assert [each.number for each in catalog.list_schema_versions(KEY).items] == list(range(1, 14))
