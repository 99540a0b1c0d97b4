"""The commands that look at the catalog and change it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli.options import core_of
from catalog.errors import DatabaseNotEmpty
from catalog.model import Column, Partition, Table


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
        "removal": {"tables": ["orders", "returns"], "partitions": 3, "versions": 3},
    }
    assert names(home, "database", "list") == ["shop"]
    assert run(home, "database", "delete", "shop", "--cascade").exit_code == 0
    assert names(home, "database", "list") == []


def test_a_dry_run_is_refused_where_the_deletion_would_be(home: Path) -> None:
    refused = run(home, "database", "delete", "shop", "--dry-run")
    assert isinstance(refused.exception, DatabaseNotEmpty)
