"""Connections that stay with their engine: each transaction is as if it had its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError

from catalog import db
from catalog.catalog import Catalog
from catalog.errors import NotFound
from catalog.model import Database, Origin
from catalog.standing import standing


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = db.connect(db.sqlite_url(tmp_path / "catalog.db"))
    yield engine
    engine.dispose()


def test_one_transaction_after_the_other_has_the_same_connection(store: Engine) -> None:
    with db.writing(store) as first:
        pass
    with db.reading(store) as second:
        assert second is first


def test_transactions_at_once_have_each_their_own(store: Engine) -> None:
    met = Barrier(8)

    def read(_: int) -> int:
        with db.reading(store) as connection:
            met.wait(30)
            return id(connection)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(read, range(8)))) == 8
    kept = standing(store)
    assert kept is not None
    assert len(kept._idle) <= 4


def test_what_failed_is_undone_before_the_connection_is_used_again(store: Engine) -> None:
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    statement = "INSERT INTO databases (name, body, version, created_at) VALUES (:name, '{}', 0, '2026-01-01')"
    rows = [{"name": "half"}, {"name": "d"}]
    with pytest.raises(IntegrityError), db.writing(store) as connection:
        connection.execute(text(statement), rows)
    with pytest.raises(NotFound):
        catalog.get_database("half")
    catalog.create_database(Database("half"))


def test_a_disposed_engine_holds_no_connection_and_can_be_used_again(store: Engine, tmp_path: Path) -> None:
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    assert (tmp_path / "catalog.db-wal").exists()
    store.dispose()
    assert not (tmp_path / "catalog.db-wal").exists()  # SQLite keeps it for as long as a connection is open
    assert catalog.get_database("d").name == "d"


def test_listeners_hear_what_a_kept_connection_is_told(store: Engine) -> None:
    with db.writing(store):
        pass
    said: list[str] = []
    event.listen(store, "before_cursor_execute", lambda *heard: said.append(heard[2]))
    event.listen(store, "commit", lambda _connection: said.append("commit"))
    Catalog(store, Origin("test")).create_database(Database("d"))
    assert said[-1] == "commit"
    assert any(statement.startswith("INSERT") for statement in said)


def test_a_rehearsal_has_no_kept_connection_and_is_undone(store: Engine) -> None:
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    rehearsed = catalog.rehearsing()
    assert standing(rehearsed.engine) is None
    rehearsed.create_database(Database("never"))
    assert [database.name for database in catalog.iter_databases()] == ["d"]


def orphan(store: Engine) -> None:
    """A transaction whose commit fails."""
    referring = "CREATE TABLE child (of INTEGER REFERENCES databases (id) DEFERRABLE INITIALLY DEFERRED)"
    with db.writing(store) as connection:
        connection.execute(text(referring))
        connection.execute(text("INSERT INTO child VALUES (4711)"))


def test_a_commit_that_fails_leaves_no_transaction_to_the_next_one(store: Engine) -> None:
    with pytest.raises(IntegrityError):
        orphan(store)
    with db.writing(store) as connection:
        assert "child" not in connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
