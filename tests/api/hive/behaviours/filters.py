"""How a metastore behaves about partition filters, on keys of an int, a string and a date."""

from __future__ import annotations

from tests.api.hive.behaviours.asking import Asked, named, refused, storage

NULL = "__HIVE_DEFAULT_PARTITION__"
VALUES = [
    ("1", "a", "2024-01-01"),
    ("2", "b", "2024-01-02"),
    ("10", "A", "2024-01-10"),
    ("9", "a.b", "2024-02-01"),
    ("3", "it's", NULL),
    ("4", 'q"q', "2024-03-01"),
    ("5", "c d/e=f", "2024-03-02"),
    (NULL, "x", "2024-03-03"),
    ("6", NULL, "2024-03-04"),
]

FILTERS = [
    # what Spark sends
    "p = 1", "p != 1", "1 = p", "1 < p", "p > 1", "p >= 9", "p < 10", "p <= 2", "p <> 1", 'p != 1 and s = "a"',
    '(p = 1 or s = "b")', 'p = 1 and (s = "a" or d = "2024-01-02")', "(p) in (1, 2)", "(p) not in (1, 2)",
    '(d) in ("2024-01-01", "2024-01-02")', 's like "a.*"', 's like ".*a"', 's like ".*a.*"', 's = "it\'s"',
    "s = 'q\"q'", 's = "c d/e=f"', 'd >= "2024-01-01" and d <= "2024-01-02"', 's != "a"', 's > "a"', 's < "b"',
    # and others
    "", " ", 'd = "2024-01-01"', "d = '2024-01-01'", "d = 2024-01-01", "d = date '2024-01-01'", 'd != "2024-01-01"',
    'd > "2024-01-31"', 'd = "nonsense"', "p between 1 and 3", "p not between 1 and 3", 's between "a" and "b"',
    "P = 1", "S = 'a'", "s = 'A'", "q = 1", "a = 1", 'p = "1"', "s = 1", "p = 1.5", "p = -1", "p = 01",
    "p = 99999999999", "p in (1, 2)", "s in ('a')", "(s) in ('a', 'b')", "(p, s) in ((1, 'a'), (2, 'b'))", "not p = 1",
    "not (p = 1)", "p is null", "p is not null", "s is null", "p =", "= 1", "p = 1 and", "p = 1 or or p = 2", "(p = 1",
    "p = 1)", "p == 1", "p = 'x'", "s = \"a", "p = p", "1 = 1", "p = 1 AND s = 'a'", "p = 1 Or p = 2",
    "s like 'a%'", "s like 'a_b'", "s like '.*'", "s like 'a.b'", "p like '1.*'", "p like '1'", "d like '2024-01.*'",
    f"s = '{NULL}'", f"s != '{NULL}'", f"d = '{NULL}'", f"p = '{NULL}'", "p = null", "`p` = 1", "p=1and s='a'",
    "p = 1;", "p = 1 -- x", "upper(s) = 'A'", "p + 1 = 2", "true", "s = 'a' or p = 2 and d = '2024-01-02'",
    "(s = 'a' or p = 2) and d = '2024-01-02'", "((p = 1))", "s = ''", "s != ''", "s = 'a\\.b'", "s = 'q\\\"q'",
]  # fmt: skip


def _prepared(asked: Asked) -> None:
    if "t" in asked.call("get_all_tables", asked.database):
        return
    asked.create(keys="p:int s:string d:date")
    parts = [asked.partition(*values, sd=storage(asked.place("t", str(at)))) for at, values in enumerate(VALUES)]
    asked.call("add_partitions", parts)


for _text in FILTERS:

    def _found(asked: Asked, text: str = _text) -> object:
        _prepared(asked)
        found = asked.call("get_partitions_by_filter", asked.database, "t", text, -1)
        return sorted(each.values[0] for each in found)

    named(f"filter {_text}", _found, "filters")


def _counted(asked: Asked) -> object:
    _prepared(asked)
    of = (asked.database, "t")
    return [
        asked.call("get_num_partitions_by_filter", *of, "p > 2"),
        asked.call("get_num_partitions_by_filter", *of, "s = 'none'"),
        refused(lambda: asked.call("get_num_partitions_by_filter", *of, "p >")),
    ]


def _filtered_without_keys(asked: Asked) -> object:
    refused(lambda: asked.create("plain"))
    return asked.call("get_partitions_by_filter", asked.database, "plain", "p = 1", -1)


def _filtered_missing(asked: Asked) -> object:
    return asked.call("get_partitions_by_filter", asked.database, "none", "p = 1", -1)


def _filtered_by_nothing(asked: Asked) -> object:
    _prepared(asked)
    return len(asked.call("get_partitions_by_filter", asked.database, "t", None, -1))


named("filter counts", _counted, "filters")
named("filter of a table without keys", _filtered_without_keys, "filters")
named("filter of a missing table", _filtered_missing, "filters")
named("filter that is null", _filtered_by_nothing, "filters")
