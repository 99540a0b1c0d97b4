"""A metastore's duties: the folders of managed tables are made, moved and deleted, and nobody else's data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from api.hive import duties
from api.hive.bindings import hive
from api.hive.client import Client
from catalog.catalog import Catalog
from catalog.model import Database


@pytest.fixture
def warehouse(tmp_path: Path, client: Client) -> Path:
    client.call("create_database", hive.Database(name="Shop"))
    return tmp_path / "warehouse"


def storage(place: Path | None = None) -> Any:
    return hive.StorageDescriptor(
        cols=[hive.FieldSchema(name="a", type="int")], location=f"file:{place}" if place else None
    )


def create(client: Client, name: str = "t", kind: str = "MANAGED_TABLE", place: Path | None = None) -> None:
    keys = [hive.FieldSchema(name="p", type="string")]
    client.call(
        "create_table",
        hive.Table(dbName="shop", tableName=name, sd=storage(place), partitionKeys=keys, tableType=kind),
    )


def add(client: Client, value: str, place: Path | None = None) -> Any:
    return client.call("add_partition", hive.Partition(values=[value], dbName="shop", tableName="t", sd=storage(place)))


def rename(client: Client, **changes: str) -> None:
    table = client.call("get_table", "shop", "t")
    for name, value in changes.items():
        setattr(table, name, value)
    client.call("alter_table", "shop", "t", table)


def fill(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").write_text("data")
    return folder / "data"


def test_the_database_default_is_there_from_the_start_and_stays(client: Client, tmp_path: Path) -> None:
    assert client.call("get_database", "default").locationUri == f"file:{tmp_path}/warehouse"
    with pytest.raises(hive.MetaException, match="default database cannot be dropped"):
        client.call("drop_database", "default", True, True)


def test_databases_tables_and_partitions_get_folders_below_the_warehouse(client: Client, warehouse: Path) -> None:
    create(client)
    added = add(client, "a/b c%")
    assert (warehouse / "shop.db/t/p=a%2Fb c%25").is_dir()
    assert added.sd.location == f"file:{warehouse}/shop.db/t/p=a%2Fb c%25"
    assert client.call("get_table", "shop", "t").sd.location == f"file:{warehouse}/shop.db/t"
    assert client.call("get_database", "shop").locationUri == f"file:{warehouse}/shop.db"


def test_a_database_that_another_face_made_without_a_place_has_one_in_the_warehouse(
    client: Client, catalog: Catalog, warehouse: Path
) -> None:
    catalog.create_database(Database("bare"))
    assert client.call("get_database", "bare").locationUri == f"file:{warehouse}/bare.db"


def test_a_managed_table_is_dropped_with_its_data_and_with_partitions_that_lie_elsewhere(
    client: Client, warehouse: Path, tmp_path: Path
) -> None:
    create(client)
    add(client, "1")
    add(client, "2", tmp_path / "away/p2")
    fill(warehouse / "shop.db/t/p=1")
    client.call("drop_table", "shop", "t", True)
    assert not (warehouse / "shop.db/t").exists()
    assert [path.name for path in (tmp_path / "away").iterdir()] == []
    assert (warehouse / "shop.db").is_dir()


def test_data_stay_if_they_are_not_to_be_deleted(client: Client, warehouse: Path) -> None:
    create(client)
    kept = fill(warehouse / "shop.db/t")
    client.call("drop_table", "shop", "t", False)
    assert kept.exists()


def test_an_external_table_s_data_stay_whatever_is_dropped(client: Client, warehouse: Path, tmp_path: Path) -> None:
    create(client, kind="EXTERNAL_TABLE", place=tmp_path / "lake/t")
    create(client, "inside", kind="EXTERNAL_TABLE")
    add(client, "1")
    kept = [fill(tmp_path / "lake/t/p=1"), fill(warehouse / "shop.db/inside")]
    client.call("drop_partition", "shop", "t", ["1"], True)
    client.call("drop_table", "shop", "t", True)
    client.call("drop_database", "shop", True, True)
    assert all(file.exists() for file in kept)


def test_a_database_is_dropped_with_the_data_of_its_managed_tables(client: Client, warehouse: Path) -> None:
    create(client)
    create(client, "u")
    fill(warehouse / "shop.db/u")
    with pytest.raises(hive.InvalidOperationException):
        client.call("drop_database", "shop", True, False)
    assert (warehouse / "shop.db/u/data").exists()
    client.call("drop_database", "shop", True, True)
    assert list(warehouse.iterdir()) == []


def test_a_partition_of_a_managed_table_is_dropped_with_its_data(client: Client, warehouse: Path) -> None:
    create(client)
    for value in ("1", "2"):
        add(client, value)
        fill(warehouse / f"shop.db/t/p={value}")
    client.call("drop_partition", "shop", "t", ["1"], True)
    client.call("drop_partition", "shop", "t", ["2"], False)
    assert [path.name for path in (warehouse / "shop.db/t").iterdir()] == ["p=2"]


def test_a_renamed_managed_table_takes_its_folder_and_partitions_along(client: Client, warehouse: Path) -> None:
    create(client)
    client.call("create_database", hive.Database(name="mall"))
    add(client, "1")
    fill(warehouse / "shop.db/t/p=1")
    rename(client, dbName="mall", tableName="Deals")
    assert (warehouse / "mall.db/deals/p=1/data").exists()
    assert not (warehouse / "shop.db/t").exists()
    assert client.call("get_table", "mall", "deals").sd.location == f"file:{warehouse}/mall.db/deals"
    [partition] = client.call("get_partitions", "mall", "deals", -1)
    assert partition.sd.location == f"file:{warehouse}/mall.db/deals/p=1"


def test_a_rename_that_was_killed_between_folder_and_definition_is_repeated(client: Client, warehouse: Path) -> None:
    create(client)
    fill(warehouse / "shop.db/t")
    (warehouse / "shop.db/t").rename(warehouse / "shop.db/u")
    rename(client, tableName="u")
    assert (warehouse / "shop.db/u/data").exists()
    assert client.call("get_table", "shop", "u").sd.location == f"file:{warehouse}/shop.db/u"


def test_a_folder_that_one_moves_is_moved_by_nobody_else_meanwhile(tmp_path: Path) -> None:
    first, second, third = (str(tmp_path / name) for name in ("first", "second", "third"))
    fill(Path(first))
    moved = threading.Event()

    def other() -> None:
        with duties.moved(first, third):
            moved.set()

    thread = threading.Thread(target=other)
    with suppress(RuntimeError), duties.moved(first, second):
        thread.start()
        assert not moved.wait(0.3)
        raise RuntimeError
    thread.join()
    assert (Path(third) / "data").exists()


def test_a_table_is_not_created_or_dropped_while_another_is_busy_with_its_folder(
    client: Client, catalog: Catalog, warehouse: Path
) -> None:
    place = f"file://{warehouse}/shop.db/t"
    for act in (lambda: create(client), lambda: client.call("drop_table", "shop", "t", True)):
        before = catalog.find_table("shop", "t")
        thread = threading.Thread(target=act)
        with duties.alone_with(place):
            thread.start()
            thread.join(0.2)
            assert catalog.find_table("shop", "t") == before
        thread.join()
        assert (catalog.find_table("shop", "t") is None) == (before is not None)


def test_a_rename_that_is_refused_leaves_the_folder(client: Client, warehouse: Path) -> None:
    create(client)
    create(client, "u")
    kept = fill(warehouse / "shop.db/t")
    with pytest.raises(hive.InvalidOperationException):
        rename(client, tableName="u")
    fill(warehouse / "shop.db/full")
    with pytest.raises(hive.MetaException, match="cannot be moved"):
        rename(client, tableName="full")
    assert kept.exists()
    assert client.call("get_table", "shop", "t").sd.location == f"file:{warehouse}/shop.db/t"


@pytest.mark.parametrize(("kind", "folder"), [("MANAGED_TABLE", "p=n w"), ("EXTERNAL_TABLE", "p=1")])
def test_a_renamed_partition_s_folder_moves_if_the_table_is_managed(
    client: Client, warehouse: Path, kind: str, folder: str
) -> None:
    create(client, kind=kind)
    add(client, "1")
    fill(warehouse / "shop.db/t/p=1")
    renamed = client.call("get_partition", "shop", "t", ["1"])
    renamed.values = ["n w"]
    client.call("rename_partition", "shop", "t", ["1"], renamed)
    [found] = client.call("get_partitions", "shop", "t", -1)
    assert (found.values, found.sd.location) == (["n w"], f"file:{warehouse}/shop.db/t/{folder}")
    assert (warehouse / "shop.db/t" / folder / "data").exists()


def test_a_partition_is_not_renamed_to_one_that_exists_or_from_one_that_does_not(
    client: Client, warehouse: Path
) -> None:
    create(client)
    for value in ("1", "2"):
        add(client, value)
    kept = fill(warehouse / "shop.db/t/p=1")
    for old, new in (("1", "2"), ("3", "4")):
        partition = hive.Partition(values=[new], dbName="shop", tableName="t", sd=storage())
        with pytest.raises(hive.InvalidOperationException):
            client.call("rename_partition", "shop", "t", [old], partition)
    assert kept.exists()


@pytest.mark.parametrize("place", ["file:/", "/", "file:/tmp", "{warehouse}", "{warehouse}/shop.db", "t", "/a/../b/c"])
def test_a_folder_that_holds_more_than_the_table_is_never_deleted(tmp_path: Path, place: str) -> None:
    warehouse = duties.Warehouse(f"file:{tmp_path}/warehouse")
    assert not warehouse.may_delete(place.format(warehouse=f"{tmp_path}/warehouse"), Database("shop"))


def test_dropping_a_table_that_was_given_the_warehouse_as_its_place_deletes_nothing(
    client: Client, warehouse: Path
) -> None:
    create(client, place=warehouse)
    kept = fill(warehouse / "other")
    client.call("drop_table", "shop", "t", True)
    assert kept.exists()


def test_a_managed_table_whose_folder_cannot_be_made_is_not_created(
    connect: Callable[[], Client], warehouse: Path
) -> None:
    client = connect()
    (warehouse / "shop.db/t").touch()
    with pytest.raises(hive.MetaException, match="cannot be made"):
        create(client)
    assert client.call("get_all_tables", "shop") == []


def test_another_table_s_data_inside_a_managed_table_s_folder_outlive_it(client: Client, warehouse: Path) -> None:
    create(client)
    guest = fill(warehouse / "shop.db/t/guest")
    create(client, "guest", "EXTERNAL_TABLE", guest.parent)
    client.call("drop_table", "shop", "t", True)
    assert guest.read_text() == "data"
    client.call("drop_table", "shop", "guest", False)
    create(client)
    client.call("drop_table", "shop", "t", True)
    assert not guest.exists(), "nobody else has data in it any more"


def test_another_table_s_data_inside_a_partition_s_folder_outlive_it(client: Client, warehouse: Path) -> None:
    create(client)
    add(client, "1")
    guest = fill(warehouse / "shop.db/t/p=1/guest")
    create(client, "guest", "EXTERNAL_TABLE", guest.parent)
    client.call("drop_partition", "shop", "t", ["1"], True)
    assert guest.read_text() == "data"


def test_another_table_s_partition_inside_a_managed_table_s_folder_outlives_it(client: Client, warehouse: Path) -> None:
    create(client)
    guest = fill(warehouse / "shop.db/t/guest")
    create(client, "u", "EXTERNAL_TABLE", warehouse / "elsewhere")
    client.call("add_partition", hive.Partition(values=["1"], dbName="shop", tableName="u", sd=storage(guest.parent)))
    client.call("drop_table", "shop", "t", True)
    assert guest.read_text() == "data"


def test_an_external_table_s_data_outlive_the_database_it_is_dropped_with(client: Client, warehouse: Path) -> None:
    create(client)
    create(client, "other")
    own, guest = fill(warehouse / "shop.db/other"), fill(warehouse / "shop.db/t/guest")
    create(client, "guest", "EXTERNAL_TABLE", guest.parent)
    client.call("drop_database", "shop", True, True)
    assert (own.exists(), guest.read_text()) == (False, "data")


def test_a_renamed_table_stays_where_another_s_data_are_in_its_folder(client: Client, warehouse: Path) -> None:
    create(client)
    guest = fill(warehouse / "shop.db/t/guest")
    create(client, "guest", "EXTERNAL_TABLE", guest.parent)
    rename(client, tableName="u")
    assert client.call("get_table", "shop", "u").sd.location == f"file:{warehouse}/shop.db/t"
    assert guest.read_text() == "data"


def test_a_managed_table_is_truncated_and_an_external_one_is_not(client: Client, warehouse: Path) -> None:
    create(client)
    add(client, "1")
    add(client, "2")
    first, second = (fill(warehouse / f"shop.db/t/p={value}") for value in ("1", "2"))
    client.call("truncate_table", "shop", "t", ["p=1"])
    assert (first.exists(), first.parent.is_dir(), second.exists()) == (False, True, True)
    client.call("truncate_table_req", hive.TruncateTableRequest(dbName="shop", tableName="t"))
    assert (second.exists(), (warehouse / "shop.db/t").is_dir()) == (False, True)
    create(client, "guest", "EXTERNAL_TABLE", fill(warehouse / "guest").parent)
    with pytest.raises(hive.MetaException, match="is not supported by Isinglass"):
        client.call("truncate_table", "shop", "guest", None)
    assert (warehouse / "guest/data").exists()
