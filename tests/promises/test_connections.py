"""What every face promises of connections: what is secret of them goes in, and never comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from catalog.catalog import Catalog
from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Connection, Surroundings
from tests.conftest import NOON, Clock
from tests.promises.faces import Face, over

pytestmark = over("create_connection", "get_connection", "page_connections", "update_connection", "delete_connection")

URL = "jdbc:postgresql://db.example.org:5432/shop"
SHOP = Connection(
    "Shop",
    "JDBC",
    "what is sold",
    {"JDBC_CONNECTION_URL": URL, "USERNAME": "ada"},
    match_criteria=("a", "b"),
    surroundings=Surroundings("subnet-1", ("sg-1", "sg-2"), "eu-1a"),
)
SECRET = "hunter2-0ad5"
STORED = replace(SHOP, secrets=("PASSWORD",), created_at=NOON, updated_at=NOON)


def test_a_connection_is_read_as_it_was_created_with_its_secrets_by_name(face: Face, catalog: Catalog) -> None:
    face.create_connection(SHOP, {"PASSWORD": SECRET})
    assert face.get_connection("Shop") == STORED
    assert catalog.unsealed_connection("Shop") == (STORED, {**SHOP.properties, "PASSWORD": SECRET})


def test_a_property_whose_name_tells_that_it_is_secret_is_sealed_wherever_it_is_given(
    face: Face, catalog: Catalog
) -> None:
    given = {**SHOP.properties, "PASSWORD": SECRET, "secret_id": "vault/1", "KAFKA_CLIENT_KEY_PASSWORD": "x"}
    face.create_connection(replace(SHOP, properties=given), {})
    found = face.get_connection("Shop")
    assert found.properties == SHOP.properties
    assert found.secrets == ("KAFKA_CLIENT_KEY_PASSWORD", "PASSWORD", "secret_id")
    assert catalog.unsealed_connection("Shop")[1] == given


@pytest.mark.parametrize(
    "url",
    [
        f"jdbc:postgresql://ada:{SECRET}@host/shop",
        f"jdbc:postgresql://host/shop?user=ada&password={SECRET}",
        f"jdbc:postgresql://host/shop?user=ada&Pass%77ord={SECRET}",
        f"jdbc:mysql://ada:a/{SECRET}@host/shop",
        f"jdbc:mysql://address=(host=h)(user=ada)(password={SECRET})/shop",
        f"jdbc:sqlserver://host:1433;user=ada;password={SECRET}",
        f"jdbc:oracle:thin:ada/{SECRET}@//host:1521/shop",
        f"mongodb+srv://ada:{SECRET}@host/shop",
        f"redis://:{SECRET}@host",
        f"https://host/x?access_token={SECRET}",
    ],
)
def test_a_password_inside_a_url_is_refused_and_not_repeated(face: Face, url: str) -> None:
    with pytest.raises(InvalidInput, match="a password seems to stand in it") as refusal:
        face.create_connection(replace(SHOP, properties={"JDBC_CONNECTION_URL": url}), {})
    assert SECRET not in str(refusal.value)
    with pytest.raises(NotFound):
        face.get_connection("Shop")


def test_no_secret_is_in_the_database_in_the_clear(face: Face, store: Engine) -> None:
    face.create_connection(SHOP, {"PASSWORD": SECRET, "note": SECRET})
    with store.connect() as connection:
        for table in ("connections", "connection_secrets"):
            found = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert found
            assert SECRET not in str(found)


def test_a_connection_s_name_is_its_own_and_is_a_name(face: Face) -> None:
    face.create_connection(SHOP, {})
    with pytest.raises(AlreadyExists, match="Connection Shop already exists"):
        face.create_connection(SHOP, {})
    face.create_connection(replace(SHOP, name="shop"), {})
    for name in ("", "a/b", "n" * 256):
        with pytest.raises(InvalidInput, match="Connection name"):
            face.create_connection(replace(SHOP, name=name), {})


def test_what_is_missing_is_told(face: Face) -> None:
    for work in (
        lambda: face.get_connection("none"),
        lambda: face.update_connection(replace(SHOP, name="none"), {}),
        lambda: face.delete_connection("none"),
    ):
        with pytest.raises(NotFound, match="Connection none not found"):
            work()


def test_an_update_replaces_all_but_the_secrets_that_it_names(face: Face, catalog: Catalog, clock: Clock) -> None:
    face.create_connection(SHOP, {"PASSWORD": SECRET, "old": "1", "note": "2"})
    clock.advance(hours=1)
    changed = Connection("Shop", "NETWORK", secrets=("PASSWORD", "note"))
    face.update_connection(changed, {"note": "3"})
    stored = replace(changed, version=1, created_at=NOON, updated_at=clock())
    assert face.get_connection("Shop") == stored
    assert catalog.unsealed_connection("Shop") == (stored, {"PASSWORD": SECRET, "note": "3"})


def test_an_update_that_says_what_is_there_writes_nothing(face: Face, clock: Clock) -> None:
    face.create_connection(SHOP, {"PASSWORD": SECRET})
    clock.advance(hours=1)
    face.update_connection(replace(SHOP, secrets=("PASSWORD",)), {}, expected_version=0)
    assert face.get_connection("Shop") == STORED


def test_an_update_that_expects_another_version_changes_nothing(face: Face, catalog: Catalog) -> None:
    face.create_connection(SHOP, {"PASSWORD": SECRET})
    face.update_connection(replace(SHOP, description="theirs", secrets=("PASSWORD",)), {}, expected_version=0)
    with pytest.raises(VersionConflict, match="Connection Shop is at version 1, not 0"):
        face.update_connection(replace(SHOP, description="ours"), {"PASSWORD": "ours"}, expected_version=0)
    found, opened = catalog.unsealed_connection("Shop")
    assert (found.description, found.version, opened["PASSWORD"]) == ("theirs", 1, SECRET)


def test_a_secret_that_has_no_value_cannot_be_named(face: Face) -> None:
    with pytest.raises(InvalidInput, match="its secret PASSWORD is named without a value"):
        face.create_connection(replace(SHOP, secrets=("PASSWORD",)), {})
    face.create_connection(SHOP, {})
    with pytest.raises(InvalidInput, match="its secret PASSWORD is named without a value"):
        face.update_connection(replace(SHOP, secrets=("PASSWORD",)), {})


def test_connections_are_listed_by_name_in_pages(face: Face) -> None:
    for name in ("c", "a", "b"):
        face.create_connection(Connection(name), {"PASSWORD": SECRET})
    first = face.page_connections(2, None)
    rest = face.page_connections(2, first.next_token)
    assert [each.name for each in first.items + rest.items] == ["a", "b", "c"]
    assert rest.next_token is None
    assert SECRET not in str(first) + str(rest)


def test_a_deleted_connection_leaves_no_secret_behind(face: Face, store: Engine) -> None:
    face.create_connection(SHOP, {"PASSWORD": SECRET})
    face.delete_connection("Shop")
    with store.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM connection_secrets").scalar() == 0
    face.create_connection(SHOP, {})
    assert face.get_connection("Shop").secrets == ()
