"""`isinglass search`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli.options import core_of
from catalog.model import Column, Database, StorageDescriptor, Table
from engine.model import Job


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a table in a database, and a job."""
    core = core_of(tmp_path)
    core.catalog.create_database(Database("shop"))
    columns = (Column("customer_id", "bigint"), Column("price", "double", "in euro"))
    core.catalog.create_table(Table("shop", "orders", StorageDescriptor(columns)))
    core.engine.create_job(Job("orders_daily", "job.py", description="sums the price up"))
    core.catalog.engine.dispose()
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["search", *arguments, "--home", str(home)])


def test_hits_are_told_with_where_the_words_stand(home: Path) -> None:
    lines = [line.rstrip().split(None, 3) for line in run(home, "price").stdout.splitlines()]
    assert lines == [
        ["kind", "name", "score", "found in"],
        ["table", "shop.orders", "40", "column price"],
        ["job", "orders_daily", "30", "comment sums the price up"],
    ]


def test_hits_are_told_to_programs_with_their_ranges(home: Path) -> None:
    [hit] = json.loads(run(home, "custmer", "--kind", "table", "--database", "shop", "--output", "json").stdout)
    ranges = [{"start": 0, "length": 8}]
    assert hit == {
        "kind": "TABLE",
        "name": "shop.orders",
        "score": 31,
        "matches": [{"field": "COLUMN", "of": "customer_id", "fragment": "customer_id", "ranges": ranges}],
    }


def test_that_there_is_more_or_nothing_is_said(home: Path) -> None:
    assert "more than 1; ask for them with --limit" in run(home, "orders", "--limit", "1").stderr
    assert run(home, "absent").stdout == "none\n"
    assert run(home, "orders", "--kind", "ship").exit_code == 2
