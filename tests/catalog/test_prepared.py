"""A prepared statement does what the same statement does when a connection executes it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from catalog import rows
from catalog.db import reading, writing
from catalog.errors import StoreUnavailable
from catalog.prepared import Prepared

_DATABASES = rows.databases
_ADD = Prepared(insert(_DATABASES))
_ADD_TELLING = Prepared(insert(_DATABASES).returning(_DATABASES.c.id, _DATABASES.c.created_at))
_FIND = Prepared(select(_DATABASES).where(_DATABASES.c.name == bindparam("wanted")))
_MOVE = Prepared(update(_DATABASES).where(_DATABASES.c.name == bindparam("wanted")))
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def row(name: str) -> dict[str, object]:
    return {"name": name, "body": '{"a": "ü"}', "version": 3, "created_at": NOON}


def test_what_it_writes_is_read_by_it_and_by_a_connection_alike(store: Engine) -> None:
    with writing(store) as connection:
        assert _ADD.write(connection, row("one")) == 1
    with reading(store) as connection:
        plain = connection.execute(select(_DATABASES).where(_DATABASES.c.name == "one")).one()
        found = _FIND.first(connection, {"wanted": "one"})
        assert tuple(found) == tuple(plain)
        assert (found.name, found.created_at, found.version) == ("one", NOON, 3)
        assert _FIND.first(connection, {"wanted": "two"}) is None


def test_it_returns_what_the_database_made(store: Engine) -> None:
    with writing(store) as connection:
        made = _ADD_TELLING.first(connection, row("one"))
        assert made == (_FIND.first(connection, {"wanted": "one"}).id, NOON)


def test_it_writes_the_columns_it_is_given_and_counts_the_rows(store: Engine) -> None:
    with writing(store) as connection:
        _ADD.write(connection, row("one"))
        assert _MOVE.write(connection, {"wanted": "one", "version": 4}) == 1
        assert _MOVE.write(connection, {"wanted": "one", "version": 5, "body": "{}"}) == 1
        assert _MOVE.write(connection, {"wanted": "other", "version": 6}) == 0
        found = _FIND.first(connection, {"wanted": "one"})
    assert (found.version, found.body) == (5, "{}")


def test_it_fails_as_a_connection_does(store: Engine) -> None:
    with writing(store) as connection:
        _ADD.write(connection, row("one"))
    with pytest.raises(IntegrityError), writing(store) as connection:
        _ADD.write(connection, row("one"))
    with writing(store) as connection:
        connection.execute(text("ALTER TABLE databases RENAME TO gone"))
    told = StoreUnavailable if store.dialect.name == "sqlite" else Exception
    with pytest.raises(told, match="databases"), reading(store) as connection:
        _FIND.first(connection, {"wanted": "one"})


def test_a_value_that_stands_twice_in_it_is_given_twice(store: Engine) -> None:
    twice = Prepared(
        select(_DATABASES.c.name).where(
            (_DATABASES.c.name == bindparam("wanted")) | (_DATABASES.c.body == bindparam("wanted")),
            _DATABASES.c.version == bindparam("of"),
        )
    )
    with writing(store) as connection:
        _ADD.write(connection, row("one"))
        assert twice.first(connection, {"wanted": "one", "of": 3}).name == "one"
        assert twice.first(connection, {"wanted": "one", "of": 4}) is None


def test_it_is_undone_with_its_transaction(store: Engine) -> None:
    with pytest.raises(IntegrityError), writing(store) as connection:
        assert [_ADD.write(connection, row(name)) for name in ("one", "two", "one")] == []
    with reading(store) as connection:
        assert _FIND.first(connection, {"wanted": "one"}) is None
