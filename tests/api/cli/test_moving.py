"""`isinglass catalog import` and `export`, `backup` and `restore`, as they are called and what they print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.hive.client import Client
from api.hive.server import HiveServer
from api.home import Home
from catalog.catalog import Catalog
from catalog.db import connect
from catalog.model import Column, Database, Origin, Partition, StorageDescriptor, Table
from tests.api.conftest import CommandLine

STORAGE = StorageDescriptor((Column("a", "int"),), "s3://lake/t")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Catalog]:
    """The catalog of another home."""
    home = Home.open(tmp_path / "source")
    engine = connect(home.database_url)
    catalog = Catalog(engine, Origin("test"))
    for name in ("shop", "web"):
        catalog.create_database(Database(name))
        catalog.create_table(Table(name, "t", STORAGE, (Column("p", "int"),), parameters={"x": "ü\n"}))
        catalog.create_partitions(name, "t", [Partition((str(number),), STORAGE) for number in range(3)])
    yield catalog
    engine.dispose()


@pytest.fixture
def export(cli: CommandLine, source: Catalog, tmp_path: Path) -> Path:
    file = tmp_path / "export.jsonl"
    assert (
        cli.run("catalog", "export", "--home", tmp_path / "source", "--output", file) == f"catalog exported to {file}\n"
    )
    return file


def test_an_export_to_standard_output_is_the_file(cli: CommandLine, export: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from api.cli import main; main()", "catalog", "export"]
    env = {**os.environ, "ISINGLASS_HOME": str(tmp_path / "source")}
    told = subprocess.run(command, env=env, capture_output=True, check=True)
    assert told.stdout == export.read_bytes()
    assert export.stat().st_mode & 0o777 == 0o600


def test_only_the_databases_that_fit_are_exported(cli: CommandLine, source: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    cli.run("catalog", "export", "--home", tmp_path / "source", "--output", file, "--database", "W*")
    databases = [
        line["database"]["name"]
        for line in map(json.loads, file.read_text().splitlines())
        if line["kind"] == "database"
    ]
    assert databases == ["web"]


def test_an_import_counts_what_it_did_and_the_second_finds_all_unchanged(cli: CommandLine, export: Path) -> None:
    first = cli.json("catalog", "import", "--from-file", export)
    assert first["counts"]["partition"] == {"created": 6, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0}
    again = cli.json("catalog", "import", "--from-file", export)["counts"]
    assert {kind: counts["unchanged"] for kind, counts in again.items()} == {
        "database": 2,
        "function": 0,
        "table": 2,
        "partition": 6,
        "column statistics": 0,
    }
    [version] = cli.json("table", "versions", "shop.t")
    assert version["origin"]["face"] == "import"
    shown = cli.run("catalog", "import", "--from-file", export, "--database", "shop")
    assert shown.splitlines()[0].split() == ["created", "updated", "unchanged", "skipped", "failed"]
    assert shown.splitlines()[4].split() == ["partition", "0", "0", "3", "0", "0"]


def test_a_dry_run_tells_each_thing_and_does_nothing(cli: CommandLine, export: Path) -> None:
    told = cli.json("catalog", "import", "--from-file", export, "--dry-run")
    things = [(each["action"], each["kind"], each["name"], each["count"]) for each in told["things"]]
    assert things[:3] == [
        ("created", "database", "shop", 1),
        ("created", "table", "shop.t", 1),
        ("created", "partition", "shop.t", 3),
    ]
    shown = cli.run("catalog", "import", "--from-file", export, "--dry-run").splitlines()
    assert ["created", "partition", "web.t", "3"] in [line.split() for line in shown]
    assert cli.json("database", "list") == []


def test_failures_are_named_and_the_exit_code_tells_of_them(cli: CommandLine, export: Path) -> None:
    cli.run("catalog", "import", "--from-file", export)
    lines = [line.replace('"name":"p"', '"name":"q"') for line in export.read_text().splitlines(keepends=True)]
    export.write_text("".join(lines))
    said = cli.try_("catalog", "import", "--from-file", export, "--database", "web")
    assert said.code == 1
    assert "failed: table web.t: a change of the partition keys of web.t is not valid" in said.err
    assert "skipped: partition web.t: table web.t was not imported" in said.err
    assert "unchanged" in said.out


def test_a_file_that_was_cut_off_is_refused_in_one_line(cli: CommandLine, export: Path) -> None:
    export.write_bytes(export.read_bytes()[:-20])
    refusal = cli.refusal("catalog", "import", "--from-file", export)
    assert f"isinglass: {export}, line 12: the file was cut off in it. Nothing was imported" in refusal


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--from-glue", "--from-hive", "thrift://here:1"],
        ["--from-hive", "thrift://here:1", "--region", "eu-west-1"],
    ],
)
def test_an_import_has_one_source(words: list[str], tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["catalog", "import", *words, "--home", str(tmp_path / "home")])
    assert told.exit_code == 2
    assert "--from-glue" in told.output
    assert not (tmp_path / "home").exists()


def test_a_metastore_is_imported_by_its_uri(cli: CommandLine, source: Catalog, tmp_path: Path) -> None:
    server = HiveServer(source, "127.0.0.1", 0, f"file:{tmp_path}/warehouse")
    server.start()
    told = cli.json("catalog", "import", "--from-hive", f"thrift://127.0.0.1:{server.port}", "--no-statistics")
    server.stop()
    assert told["counts"]["table"]["created"] == 2
    gone = cli.refusal("catalog", "import", "--from-hive", f"thrift://127.0.0.1:{server.port}")
    assert f"Metastore thrift://127.0.0.1:{server.port} cannot be read" in gone


def test_a_home_is_backed_up_and_restored(cli: CommandLine, source: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    made = cli.json("backup", file, "--home", tmp_path / "source")
    assert made["size"] == file.stat().st_size
    said = cli.try_("restore", file)
    assert said.out.startswith(f"home {cli.home} restored from {file}, as it stood at ")
    assert "the key of sealed secrets is not in the backup" in said.err
    assert [each["name"] for each in cli.json("database", "list")] == ["shop", "web"]
    assert "a restore overwrites nothing" in cli.refusal("restore", file)


def test_an_import_shows_at_once_in_a_service_that_runs_and_a_backup_takes_it_along(
    cli: CommandLine, export: Path, tmp_path: Path
) -> None:
    engine = connect(Home.open(cli.home).database_url)
    server = HiveServer(Catalog(engine, Origin("hive")), "127.0.0.1", 0, f"file:{tmp_path}/warehouse")
    server.start()
    with Client(server.port) as client:
        assert client.call("get_all_databases") == ["default"]
        cli.run("catalog", "import", "--from-file", export)
        assert client.call("get_all_databases") == ["default", "shop", "web"]
        assert client.call("get_table", "shop", "t").parameters["x"] == "ü\n"
        cli.run("backup", tmp_path / "backup.tar.gz")
        client.call("drop_table", "shop", "t", False)
    server.stop()
    engine.dispose()
    cli.run("restore", tmp_path / "backup.tar.gz", "--home", tmp_path / "other")
    assert [each["name"] for each in cli.json("table", "list", "shop", "--home", tmp_path / "other")] == ["t"]
