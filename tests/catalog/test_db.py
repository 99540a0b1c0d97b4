"""The database under the catalog: its schema, what happens when it fails, and what it keeps through a crash."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select, text

import crawlers.rows
import engine.rows
from catalog import databases, db, rows
from catalog.catalog import Catalog
from catalog.errors import InvalidInput, NotFound, StoreUnavailable
from catalog.model import Column, Database, Origin, Partition, StorageDescriptor, Table
from tests.conftest import Postgres

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "catalog" / "migrations"
for _declaring in {  # tables on the catalog's metadata
    *ROOT.glob("*/rows.py"),
    *ROOT.glob("[!.]*/*/rows.py"),
    *ROOT.glob("engine/*/*_rows.py"),
} - {*ROOT.glob("engine/shim/*")}:
    import_module(".".join(_declaring.relative_to(ROOT).with_suffix("").parts))


def test_the_migrated_schema_is_the_declared_one(empty_database_url: str) -> None:
    assert {"crawlers", "runs", "tables"} <= set(rows.metadata.tables)
    store = db.connect(empty_database_url)
    with store.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, rows.metadata) == []
    store.dispose()


def test_this_release_knows_its_own_newest_schema() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == db.HEAD


def test_a_migrated_database_can_be_taken_down_again(empty_database_url: str) -> None:
    from alembic import command

    store = db.connect(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    store.dispose()
    db.connect(empty_database_url).dispose()


def test_what_was_written_is_there_when_the_database_is_opened_again(database_url: str) -> None:
    for number in range(2):
        store = db.connect(database_url)
        catalog = Catalog(store, Origin("test"))
        assert [found.name for found in catalog.iter_databases()] == [f"d{before}" for before in range(number)]
        catalog.create_database(Database(f"d{number}"))
        store.dispose()


def test_a_database_of_a_newer_release_is_refused_with_words(database_url: str) -> None:
    plain = create_engine(database_url)
    with plain.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match=r"a newer release wrote it \(schema 9999, this one knows"):
        db.connect(database_url)
    plain.dispose()


MIGRATE = "import sys; from catalog import db; sys.stdin.readline(); db.connect(sys.argv[1]).dispose()"


def test_processes_that_migrate_at_once_all_find_the_schema_made_once(empty_database_url: str) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, empty_database_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda process: process.communicate("go\n")[1], starting))
    assert [(process.returncode, errors) for process, errors in zip(starting, said, strict=True)] == [(0, "")] * 4
    store = db.connect(empty_database_url)
    with store.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [db.HEAD]
    store.dispose()


HALF_WRITE = """
import sys
from catalog import db
from catalog.catalog import Catalog
from catalog.changes import *
from catalog.model import *

catalog = Catalog(db.connect(sys.argv[1]), Origin("test"))
with db.writing(catalog.engine) as connection:
    catalog.apply_in(connection, [
        CreateTable(Table("d", "half"), ()),
        AlterTable("d", "t", (SetParameters({"half": "done"}),)),
        PutPartitions("d", "t", tuple(Partition((str(number),)) for number in range(2000))),
        DeletePartitions("d", "t", (("kept",),)),
    ])
    print("written", flush=True)
    sys.stdin.readline()
"""


def test_a_write_that_is_killed_half_way_leaves_the_database_as_it_was(database_url: str) -> None:
    store = db.connect(database_url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t", partition_keys=(Column("k", "string"),)))
    catalog.create_partitions("d", "t", [Partition(("kept",))])
    before = catalog.get_table("d", "t")
    with subprocess.Popen(
        [sys.executable, "-c", HALF_WRITE, database_url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()
    assert catalog.get_table("d", "t") == before
    assert [table.name for table in catalog.iter_tables("d")] == ["t"]
    assert [partition.values for partition in catalog.iter_partitions("d", "t")] == [("kept",)]
    catalog.create_table(Table("d", "half"))  # nothing is locked, either
    if store.dialect.name == "sqlite":
        with store.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    store.dispose()


def test_all_reads_of_one_transaction_see_one_state(database_url: str) -> None:
    store = db.connect(database_url)
    catalog = Catalog(store, Origin("test"))
    with db.reading(store) as connection:
        assert connection.execute(select(rows.databases.c.name)).all() == []
        catalog.create_database(Database("d"))
        assert connection.execute(select(rows.databases.c.name)).all() == []
    assert catalog.get_database("d").name == "d"
    store.dispose()


def test_a_reader_does_not_wait_for_a_writer(database_url: str) -> None:
    store = db.connect(database_url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    with db.writing(store) as connection:
        catalog.apply_in(connection, [])
        connection.execute(text("UPDATE databases SET name = 'e'"))
        assert [found.name for found in catalog.iter_databases()] == ["d"]
    store.dispose()


def test_text_that_the_database_cannot_keep_is_refused_or_kept_but_never_a_crash(database_url: str) -> None:
    store = db.connect(database_url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    table = Table("d", "t", StorageDescriptor(location="s3://a\0b"), description="a\0b")
    try:
        catalog.create_table(table)
    except InvalidInput as error:
        refused = str(error)
        assert "cannot keep it" in refused
        with pytest.raises(NotFound):
            catalog.get_table("d", "t")
    else:
        assert catalog.get_table("d", "t").storage == table.storage
    store.dispose()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, and nobody else can take."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


UNREADABLE = ["", "nonsense", "hunter2", "mysql://u:hunter2@host/db", "postgresql+other://u:hunter2@h/db"]
UNREADABLE += ["postgresql://u:hunter2/3@host/db", "postgresql://u:hunter2@more@host/db", "postgresql://h:hunter2/db"]


@pytest.mark.parametrize("url", UNREADABLE)
def test_what_is_no_url_of_a_database_is_refused_and_no_part_of_it_shown(url: str) -> None:
    with pytest.raises(StoreUnavailable) as failure:
        db.connect(url)
    told = str(failure.value) + repr(failure.value.__cause__)
    assert "hunter" not in told
    assert "nonsense" not in told


def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    with closed_port() as port:
        for url in (
            f"postgresql://eva:hunter2@127.0.0.1:{port}/catalog",
            f"postgresql://eva@127.0.0.1:{port}/catalog?password=hunter2",
        ):
            with pytest.raises(
                StoreUnavailable, match=f"127.0.0.1:{port}/catalog cannot be used: .*refused"
            ) as failure:
                db.connect(url)
            assert "hunter2" not in str(failure.value)


def test_a_database_that_the_server_does_not_have_is_named(postgres: Postgres) -> None:
    with pytest.raises(StoreUnavailable, match='database "ghost" does not exist'):
        db.connect(postgres.url_of("ghost"))


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"missing/catalog.db cannot be used: unable to open database file"):
        db.connect(db.sqlite_url(tmp_path / "missing" / "catalog.db"))


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    path.write_text("a diary" * 1_000)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        db.connect(db.sqlite_url(path))
    assert path.read_text() == "a diary" * 1_000


def test_a_database_that_breaks_under_way_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    store = db.connect(db.sqlite_url(path))
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    store.dispose()
    for file in tmp_path.glob("catalog.db*"):
        file.unlink()
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    with pytest.raises(StoreUnavailable, match=r"catalog.db cannot be used"):
        catalog.get_database("d")
    store.dispose()


def test_a_table_whose_database_is_just_being_deleted_waits_and_is_told_that_it_is_gone(postgres: Postgres) -> None:
    url = postgres.create("migrated")
    store = db.connect(url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as pool:
        with db.writing(store) as connection, store.connect() as onlooker:
            databases.delete_database(connection, "d", cascade=False)
            creating = pool.submit(catalog.create_table, Table("d", "t"))
            while not onlooker.execute(text(waits)).scalar_one():
                assert not creating.done()
                onlooker.rollback()
        with pytest.raises(NotFound, match="Database d not found"):
            creating.result()
    store.dispose()
    postgres.drop(url)


def test_a_server_that_goes_away_under_way_is_told_as_such_and_found_again(postgres: Postgres) -> None:
    url = postgres.create("migrated")
    store = db.connect(url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))

    def read_while_the_server_cuts_the_line() -> None:
        with db.reading(store) as connection, postgres.admin.connect() as admin:
            mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            admin.execute(text(f"SELECT pg_terminate_backend({mine})"))
            connection.execute(select(rows.databases))

    with pytest.raises(StoreUnavailable, match="terminating connection"):
        read_while_the_server_cuts_the_line()
    assert catalog.get_database("d").name == "d"
    store.dispose()
    postgres.drop(url)


def test_connections_that_stood_by_while_the_server_cut_the_line_are_replaced_unnoticed(postgres: Postgres) -> None:
    url = postgres.create("migrated")
    store = db.connect(url)
    with db.reading(store) as one, db.writing(store) as other:
        pids = [each.execute(text("SELECT pg_backend_pid()")).scalar_one() for each in (one, other)]
    with postgres.admin.connect() as admin:
        for pid in pids:
            admin.execute(text(f"SELECT pg_terminate_backend({pid}, 10000)"))
    with db.writing(store) as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() not in pids
    with db.reading(store) as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
    with db.writing(store) as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"
    store.dispose()
    postgres.drop(url)


def test_sqlite_files_are_safe_through_a_power_cut_and_check_their_references(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    store = db.connect(db.sqlite_url(path))
    with store.connect() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    store.dispose()
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


def test_the_tables_of_the_other_packages_are_on_the_same_metadata() -> None:
    assert {crawlers.rows.crawlers.metadata, engine.rows.runs.metadata} == {rows.metadata}
