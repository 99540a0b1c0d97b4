"""The commands that look at the catalog and change it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli.options import core_of
from catalog.errors import DatabaseNotEmpty, NotFound
from catalog.model import Column, Function, Partition, Table


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose database `shop` holds two tables, with three partitions and three versions together."""
    home = tmp_path / "home"
    assert run(home, "database", "create", "shop").exit_code == 0
    catalog = core_of(home).catalog
    for name in ("orders", "returns"):
        catalog.create_table(Table("shop", name, partition_keys=(Column("day", "date"),)))
    catalog.update_table(Table("shop", "orders", partition_keys=(Column("day", "date"),), description="all of them"))
    catalog.create_partitions("shop", "orders", [Partition((f"2026-09-0{day}",)) for day in (1, 2)])
    catalog.create_partitions("shop", "returns", [Partition(("2026-09-01",))])
    catalog.engine.dispose()
    return home


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(home)])


def names(home: Path, *listing: str) -> list[str]:
    return [each["name"] for each in json.loads(run(home, *listing, "--output", "json").stdout)]


def test_a_table_tells_what_goes_with_it_and_goes_if_it_is_meant(home: Path) -> None:
    told = run(home, "table", "delete", "shop.orders", "--dry-run").stdout
    assert told == "table shop.orders would be deleted (tables: 1, partitions: 2, versions: 2)\n"
    assert names(home, "table", "list", "shop") == ["orders", "returns"]
    told = run(home, "table", "delete", "shop.orders").stdout
    assert told == "table shop.orders deleted (tables: 1, partitions: 2, versions: 2)\n"
    assert names(home, "table", "list", "shop") == ["returns"]


def test_a_database_tells_what_goes_with_it_and_goes_if_it_is_meant(home: Path) -> None:
    told = run(home, "database", "delete", "shop", "--cascade", "--dry-run", "--output", "json").stdout
    assert json.loads(told) == {
        "what": "database shop",
        "dry_run": True,
        "removal": {"tables": ["orders", "returns"], "partitions": 3, "versions": 3, "functions": 0},
    }
    assert names(home, "database", "list") == ["shop"]
    assert run(home, "database", "delete", "shop", "--cascade").exit_code == 0
    assert names(home, "database", "list") == []


def test_the_functions_that_go_with_a_database_are_counted(home: Path) -> None:
    core_of(home).catalog.create_function(Function("shop", "tax", "org.example.Tax"))
    told = run(home, "database", "delete", "shop", "--cascade").stdout
    assert told == "database shop deleted (tables: 2, partitions: 3, versions: 3, functions: 1)\n"


def test_a_dry_run_is_refused_where_the_deletion_would_be(home: Path) -> None:
    refused = run(home, "database", "delete", "shop", "--dry-run")
    assert isinstance(refused.exception, DatabaseNotEmpty)


def test_a_version_is_restored_as_a_new_one_that_says_so(home: Path) -> None:
    told = run(home, "table", "restore", "shop.orders", "0").stdout
    assert told == "table shop.orders restored to version 0, as version 2\n"
    shown = json.loads(run(home, "table", "show", "shop.orders", "--output", "json").stdout)
    assert (shown["version"], shown["description"]) == (2, None)
    listed = json.loads(run(home, "table", "versions", "shop.orders", "--output", "json").stdout)
    assert [version["restored_from"] for version in listed] == [0, None, None]


def test_versions_that_are_not_to_be_kept_are_pruned(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(home, "table", "prune", "shop.orders").stdout == "0 version(s) of table shop.orders deleted\n"
    monkeypatch.setenv("ISINGLASS_KEEP_VERSIONS", "1")
    told = run(home, "table", "prune", "shop.orders", "--dry-run").stdout
    assert told == "1 version(s) of table shop.orders would be deleted\n"
    told = run(home, "table", "prune", "shop.orders", "--output", "json").stdout
    assert json.loads(told) == {"table": "shop.orders", "dry_run": False, "deleted": 1}
    listed = json.loads(run(home, "table", "versions", "shop.orders", "--output", "json").stdout)
    assert [version["version"] for version in listed] == [1]


def test_a_table_is_shown_as_it_stood_at_a_time(home: Path) -> None:
    first = json.loads(run(home, "table", "versions", "shop.orders", "--output", "json").stdout)[-1]
    shown = run(home, "table", "show", "shop.orders", "--as-of", first["created_at"], "--output", "json").stdout
    assert json.loads(shown)["version"] == 0
    shown = run(home, "table", "show", "shop.orders", "--as-of", "2999-01-01", "--output", "json").stdout
    assert json.loads(shown)["version"] == 1
    assert isinstance(run(home, "table", "show", "shop.orders", "--as-of", "1999-01-01T12:00Z").exception, NotFound)
    for wrong in (["yesterday"], ["2999-01-01", "--version", "0"]):
        assert run(home, "table", "show", "shop.orders", "--as-of", *wrong).exit_code == 2


def test_the_history_of_a_table_and_of_a_column_is_told(home: Path) -> None:
    text = run(home, "table", "history", "shop.orders").stdout
    assert [line.split()[0] for line in text.splitlines()] == ["version", "1", "0"]
    assert "all of them" in text
    [made] = json.loads(run(home, "table", "history", "shop.orders", "--column", "day", "--output", "json").stdout)
    assert [each["path"] for each in made["differences"]] == ["partitionKeys.day"]
    assert made["version"]["origin"]["face"] == "cli"
    assert run(home, "table", "history", "shop.orders", "--column", "none").stdout == "none\n"


def test_the_lineage_of_a_table_is_told(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "sales"
    place.mkdir()
    (place / "a.csv").write_text("id,price\n1,2.5\n2,3.5\n")
    assert run(home, "crawl", str(place), "--database", "shop").exit_code == 0
    found = json.loads(run(home, "table", "lineage", "shop.sales", "--output", "json").stdout)
    [step] = found["upstream"]["steps"]
    assert (step["kind"], step["source"]["source"], step["sink"]["name"]) == ("crawler", str(place), "sales")
    assert found["downstream"] == {"steps": [], "complete": True}
    assert str(place) in run(home, "table", "lineage", "shop.sales", "--hops", "2").stdout
    assert run(home, "table", "lineage", "shop.orders").stdout == "none\n"
    assert isinstance(run(home, "table", "lineage", "shop.gone").exception, NotFound)
