"""The language of partition filters: trees, and faults that are told."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event

from catalog import db, rows
from catalog.catalog import Catalog
from catalog.errors import InvalidPredicate
from catalog.model import Column, Database, Origin, Table
from catalog.predicate_texts import DEEPEST, parse
from catalog.predicates import And, Compare, In, IsNull, Key, Like, Not, Or, Predicate, clause
from tests.conftest import Postgres

KEYS = ("p", "s", "p q")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("p = 1", Compare("p", "=", "1")),
        ("P==1", Compare("p", "=", "1")),
        ("p <> -1.5e3", Compare("p", "!=", "-1.5e3")),
        ("1 <= p", Compare("p", ">=", "1")),
        ("'a'!=s", Compare("s", "!=", "a")),
        ("p q > 2", Compare("p q", ">", "2")),
        ("(p q) in (2)", In("p q", ("2",))),
        ("`p q` < 2", Compare("p q", "<", "2")),
        ("s = 'it''s'", Compare("s", "=", "it's")),
        ('s = "it\'s"', Compare("s", "=", "it's")),
        ("s = 'a\\'b'", Compare("s", "=", "a'b")),
        ("s = 'a\\\\b'", Compare("s", "=", "a\\\\b")),
        ("s = ''", Compare("s", "=", "")),
        ("s in ('a', \"b\")", In("s", ("a", "b"))),
        ("s not in ('a')", Not(In("s", ("a",)))),
        ("p between 1 and 2", And((Compare("p", ">=", "1"), Compare("p", "<=", "2")))),
        ("s like 'a%'", Like("s", "a%")),
        ("s like 'a.b'", Like("s", "a.b")),
        ('s like ".*1_0%.*"', Like("s", "%1\\_0\\%%")),
        ("s is null", IsNull("s")),
        ("s IS NOT NULL", Not(IsNull("s"))),
        ("not p = 1", Not(Compare("p", "=", "1"))),
        (
            "p < 1 and s > 'a' or p > 2",
            Or((And((Compare("p", "<", "1"), Compare("s", ">", "a"))), Compare("p", ">", "2"))),
        ),
        ("p = 1 or p = 2 or p = 3", In("p", ("1", "2", "3"))),
        ("((p = 1))", Compare("p", "=", "1")),
        ("dt = date '2024-01-01'", Compare("dt", "=", "2024-01-01")),
    ],
)  # fmt: skip
def test_a_filter_is_read_as_a_tree(text: str, tree: Predicate) -> None:
    assert parse(text, (*KEYS, "dt")) == tree


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("q = 1", r"'q' is neither a partition key \(there are: p, p q, s\) nor a literal"),
        ("p = x", "'x' is neither a partition key"),
        ("p", "a comparison was expected before ''"),
        ("p = 1 s = 2", "'s = 2' was not expected"),
        ("p = 1 or", "neither a partition key"),
        ("(p = 1", r"'\)' was expected at its end"),
        ("p in 1", r"'\(' was expected before '1'"),
        ("p in (1", r"'\)' was expected"),
        ("s = 'open", "a quoted text does not end"),
        ("s is 1", "after IS only NULL or NOT NULL"),
        ("s not 1", "after NOT only IN, LIKE or BETWEEN"),
        ("p between 1 or 2", "BETWEEN needs AND"),
        ("1 = 1", "needs a partition key on one side"),
        ("`q` = 1", "there is no partition key 'q'"),
        ("`p = 1", "there is no partition key"),
        ("(" * 100 + "p = 1", f"nested more than {DEEPEST} levels"),
        ("not " * 100 + "p = 1", f"nested more than {DEEPEST} levels"),
    ],
    ids=lambda value: value[:20],
)
def test_a_filter_that_cannot_be_read_says_why(text: str, why: str) -> None:
    with pytest.raises(InvalidPredicate, match=why) as failure:
        parse(text, KEYS)
    assert failure.value.facts["text"] == text


def test_a_table_without_keys_says_so() -> None:
    with pytest.raises(InvalidPredicate, match=r"there are: none"):
        parse("p = 1", ())


WORDS = [
    "p",
    "s",
    "p q",
    "=",
    "!=",
    "<",
    "in",
    "like",
    "between",
    "is",
    "not",
    "null",
    "and",
    "or",
    "(",
    ")",
    "1",
    "'a'",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from([*WORDS, '"', "`", ",", "\\", "date"])).map(" ".join)))
@example("(" * 5_000)
@example("not " * 5_000)
def test_any_text_is_a_tree_or_is_refused(text: str) -> None:
    try:
        found = parse(text, KEYS)
    except InvalidPredicate:
        return
    assert isinstance(found, Predicate)


TREES: st.SearchStrategy[Predicate] = st.recursive(
    st.one_of(
        st.builds(Compare, st.just("s"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.text()),
        st.builds(In, st.just("s"), st.lists(st.text(), min_size=1, max_size=3).map(tuple)),
        st.builds(IsNull, st.just("p")),
    ),
    lambda inner: st.one_of(inner.map(Not), st.tuples(inner, inner).map(And)),
    max_leaves=8,
)


def spelled(tree: Predicate) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    match tree:
        case Compare(key, operator, literal):
            return f"{key} {operator} {quoted(literal)}"
        case In(key, literals):
            return f"({key}) in ({', '.join(map(quoted, literals))})"
        case IsNull(key):
            return f"{key} is null"
        case Not(inner):
            return f"not ({spelled(inner)})"
        case And(parts):
            return " and ".join(f"({spelled(part)})" for part in parts)
        case _:
            raise AssertionError(tree)


def without_backslashes(tree: Predicate) -> bool:
    return "\\" not in spelled(tree)  # before a quote it would escape it


@given(TREES.filter(without_backslashes))
def test_a_tree_that_is_spelled_out_is_read_as_itself(tree: Predicate) -> None:
    assert parse(spelled(tree), KEYS) == tree


def test_the_deepest_filter_becomes_sql_without_using_up_the_stack() -> None:
    text = "p = 1"
    for level in range(DEEPEST // 2 - 1):
        text = f"(s = 'a' and ({text} or s = '{level}'))"
    c = rows.partitions.c
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before - 200)  # the caller may be deep in its own already
    try:
        keys = [Column("p", "int"), Column("s", "string")]
        found = clause(parse(text, ("p", "s")), keys, lambda at: Key(c[f"text_{at}"], c[f"number_{at}"]))
        assert (
            str(found.compile(dialect=create_engine("postgresql+psycopg://").dialect)).count(" OR ") == DEEPEST // 2 - 1
        )
    finally:
        sys.setrecursionlimit(before)


def test_postgresql_compares_text_by_its_bytes_whatever_language_it_was_made_for(postgres: Postgres) -> None:
    url = postgres.create("migrated")
    store = db.connect(url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t", partition_keys=(Column("s", "string"),)))
    said: list[str] = []
    event.listen(store, "before_cursor_execute", lambda *heard: said.append(heard[2]))
    catalog.list_partitions("d", "t", "s < 'a'")
    store.dispose()
    postgres.drop(url)
    assert re.search(r'text_0 COLLATE "C"\)? <', said[-1])
