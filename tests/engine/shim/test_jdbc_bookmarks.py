"""Bookmarks of a database's rows: the conditions that select what is new, and whole runs over PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._jdbc_bookmarks import Keys, keys_of, literal
from awsglue._jdbc_vendors import VENDORS
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Postgres
from tests.engine.shim.peer import Peer
from tests.engine.shim.shop import Shop, open_shop

if TYPE_CHECKING:
    from awsglue.context import GlueContext

POSTGRESQL = VENDORS["postgresql"]
_KEY = st.tuples(st.integers(-3, 3), st.text("a'\\b", max_size=2), st.integers(-3, 3))


@given(rows=st.lists(_KEY, max_size=12), after=_KEY, upto=_KEY, descending=st.booleans())
def test_rows_are_compared_as_one_key_by_their_columns_in_order(
    rows: list[tuple[int, str, int]], after: tuple[int, str, int], upto: tuple[int, str, int], descending: bool
) -> None:
    keys = Keys(POSTGRESQL, ("a", "b", "c"), descending)
    store = sqlite3.connect(":memory:")
    store.execute("CREATE TABLE t (a INTEGER, b TEXT, c INTEGER)")
    store.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    conditions = [f"{keys.after(_texts(after))} AND {keys.up_to(_texts(upto))}", keys.up_to(_texts(upto))]
    [both, first] = [sorted(store.execute(f"SELECT * FROM t WHERE {each}")) for each in conditions]
    store.close()
    if descending:
        assert both == sorted(row for row in rows if upto <= row < after)
        assert first == sorted(row for row in rows if upto <= row)
    else:
        assert both == sorted(row for row in rows if after < row <= upto)
        assert first == sorted(row for row in rows if row <= upto)


def _texts(key: tuple[int, str, int]) -> tuple[str, ...]:
    return f"long:{key[0]}", f"string:{key[1]}", f"long:{key[2]}"


@pytest.mark.parametrize(
    ("vendor", "text", "sql"),
    [
        ("postgresql", "long:-7", "-7"),
        ("postgresql", "decimal:1.50", "1.50"),
        ("postgresql", "decimal:1E+3", "1000"),
        ("postgresql", "double:1e300", "1e+300"),
        ("postgresql", "string:it's \\", "'it''s \\'"),
        ("mysql", "string:it's \\", "'it''s \\\\'"),
        ("postgresql", "date:2026-01-02", "'2026-01-02'"),
        ("oracle", "date:2026-01-02", "DATE '2026-01-02'"),
        ("oracle", "timestamp:2026-01-02 03:04:05.6",
         "TO_TIMESTAMP('2026-01-02 03:04:05.6', 'YYYY-MM-DD HH24:MI:SS.FF9')"),
    ],
)  # fmt: skip
def test_a_key_becomes_sql(vendor: str, text: str, sql: str) -> None:
    assert literal(VENDORS[vendor], text) == sql


@pytest.mark.parametrize("text", ["7", "long:1; DROP TABLE t", "double:x", "image:1"])
def test_a_key_that_is_none_is_never_a_part_of_sql(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        literal(POSTGRESQL, text)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, None),
        ({"jobbookmarkkeys": ["id"]}, Keys(POSTGRESQL, ('"id"',))),
        ({"jobbookmarkkeys": ["Id", "user"]}, Keys(POSTGRESQL, ("Id", '"user"'))),
        ({"jobbookmarkkeys": "day, the id", "jobbookmarkkeyssortorder": "DESC"},
         Keys(POSTGRESQL, ('"day"', '"the id"'), descending=True)),
    ],
)  # fmt: skip
def test_keys_are_a_list_or_names_with_commas(given: dict[str, Any], found: Keys | None) -> None:
    assert keys_of(POSTGRESQL, given) == found


def test_a_sort_order_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="asc or desc"):
        keys_of(POSTGRESQL, {"jobbookmarkkeys": "id", "jobbookmarkkeyssortorder": "up"})


@pytest.fixture(scope="module")
def shop(postgres: Postgres) -> Iterator[Shop]:
    with open_shop(postgres) as opened:
        yield opened


class Job:
    """A job over one table; `run` reads what its bookmark leaves, and commits."""

    def __init__(self, glue: GlueContext, peer: Peer, options: dict[str, Any]) -> None:
        self.glue, self.peer, self.options = glue, peer, options
        self.after: list[str] | None = None

    def run(self) -> list[tuple[Any, ...]]:
        self.peer.give("POST", "bookmark/key-plan", {"tracked": True, "after": self.after, "upto": None})
        frame = self.glue.create_dynamic_frame.from_options("postgresql", self.options, transformation_ctx="c")
        self.after = self.peer.bodies("bookmark/keys-read")[-1]["upto"] or self.after
        return sorted(tuple(row) for row in frame.toDF().collect())


@pytest.mark.system
def test_each_run_reads_the_rows_that_came_since_the_last(glue: GlueContext, shop: Shop, peer: Peer) -> None:
    shop.run("CREATE TABLE log (at timestamp, n int); INSERT INTO log VALUES ('2026-01-01 10:00:00.000001', 5)")
    keyed = {**shop.options, "dbtable": "log", "jobBookmarkKeys": ["at", "n"], "hashfield": "n"}
    job = Job(glue, peer, keyed)
    assert [row[1] for row in job.run()] == [5]
    assert job.after == ["timestamp:2026-01-01 10:00:00.000001", "long:5"]
    assert job.run() == []
    shop.run("INSERT INTO log VALUES ('2026-01-01 10:00:00.000001', 6), ('2026-01-01 10:00:00.000001', 4),"
             " ('2026-01-02', 1), ('2025-12-31', 9), (NULL, 99)")  # fmt: skip
    assert [row[1] for row in job.run()] == [6, 1]
    assert job.after == ["timestamp:2026-01-02 00:00:00", "long:1"]
    told = peer.bodies("bookmark/keys-read")[-1]
    assert (told["keys"], told["descending"], told["transformation_ctx"]) == (['"at"', '"n"'], False, "c")
    assert told["source"].endswith(" log")
    assert "canary" not in str(peer.calls)


@pytest.mark.system
def test_rows_that_come_while_a_run_reads_are_for_the_next(glue: GlueContext, shop: Shop, peer: Peer) -> None:
    shop.run("CREATE TABLE growing (id int); INSERT INTO growing VALUES (1), (2)")
    options = {**shop.options, "dbtable": "SELECT id FROM growing", "jobBookmarkKeys": "id"}
    peer.give("POST", "bookmark/key-plan", {"tracked": True, "after": None, "upto": None})
    frame = glue.create_dynamic_frame.from_options("postgresql", options, transformation_ctx="c")
    shop.run("INSERT INTO growing VALUES (3), (0)")
    assert sorted(row.id for row in frame.toDF().collect()) == [0, 1, 2]
    assert peer.bodies("bookmark/keys-read")[-1]["upto"] == ["long:2"]


@pytest.mark.system
def test_falling_keys_are_read_downwards_and_a_range_of_runs_again(glue: GlueContext, shop: Shop, peer: Peer) -> None:
    options = {**shop.options, "jobBookmarkKeys": ["Odd name"], "jobBookmarkKeysSortOrder": "desc"}
    job = Job(glue, peer, options)
    job.after = ["long:-38"]
    assert [row[0] for row in job.run()] == [39, 40]
    assert job.after == ["long:-40"]
    peer.give("POST", "bookmark/key-plan", {"tracked": True, "after": ["long:-3"], "upto": ["long:-5"]})
    again = glue.create_dynamic_frame.from_options("postgresql", options, transformation_ctx="c")
    assert sorted(row.id for row in again.toDF().collect()) == [4, 5]


@pytest.mark.system
def test_without_keys_or_bookmarks_all_rows_are_read(
    glue: GlueContext, shop: Shop, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = glue.create_dynamic_frame.from_options("postgresql", shop.options, transformation_ctx="c")
    assert frame.count() == 40
    assert "no jobBookmarkKeys" in capsys.readouterr().err
    peer.give("POST", "bookmark/key-plan", {"tracked": False})
    keyed = {**shop.options, "jobBookmarkKeys": ["id"]}
    assert glue.create_dynamic_frame.from_options("postgresql", keyed, transformation_ctx="c").count() == 40
    assert glue.create_sample_dynamic_frame_from_options("postgresql", keyed, 2, transformation_ctx="c").count() == 2
    assert peer.bodies("bookmark/keys-read") == []


@pytest.mark.system
def test_without_keys_the_primary_key_tells_the_rows_where_the_database_numbers_it(
    glue: GlueContext, shop: Shop, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.run('CREATE SCHEMA numbered; CREATE TABLE numbered."Some rows" (id serial PRIMARY KEY, v text)')
    shop.run("INSERT INTO numbered.\"Some rows\" (v) VALUES ('a'), ('b')")
    job = Job(glue, peer, {**shop.options, "dbtable": 'numbered."Some rows"'})
    assert job.run() == [(1, "a"), (2, "b")]
    shop.run("INSERT INTO numbered.\"Some rows\" (v) VALUES ('c')")
    assert job.run() == [(3, "c")]
    assert peer.bodies("bookmark/keys-read")[-1]["keys"] == ['"id"']
    assert 'by its primary key "id"' in capsys.readouterr().err
    filtered = {**shop.options, "dbtable": 'numbered."Some rows"', "filterPredicate": "id > 2"}
    assert glue.create_dynamic_frame.from_options("postgresql", filtered, transformation_ctx="f").count() == 1
    assert "no jobBookmarkKeys, so all" in capsys.readouterr().err
