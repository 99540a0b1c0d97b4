"""What every face promises of partition filters: Spark's forms (Hive), Glue's expressions, and what they mean."""

from __future__ import annotations

import pytest

from catalog.errors import InvalidPredicate
from catalog.model import Column, Database, Partition, Table
from catalog.names import NULL_PARTITION as NULL
from tests.promises.faces import Face, over

pytestmark = over("create_partitions", "list_partitions")

ROWS = {
    1: ("1", "a", "2024-01-01"),
    2: ("2", "b", "2024-01-02"),
    3: ("10", "A", "2024-01-03"),
    4: (NULL, "a", "2024-01-01"),
    5: ("3", NULL, "2024-01-02"),
    6: ("4", "it's", NULL),
    7: ("5", 'q"q', "2024-01-01"),
    8: ("6", "c d/e=f", "2024-01-01"),
    9: ("7", "50%_x", "2024-01-01"),
    10: ("8", "ünï☃", "2024-01-01"),
    11: ("9", "back\\slash", "2024-01-01"),
    12: ("9007199254740993", "big", "2024-06-01"),
}
ALL = set(ROWS)

# What Spark 4.3 sends, form by form, and what it must get back.
SPARK: list[tuple[str, set[int]]] = [
    ("p = 1", {1}),
    ("p != 1", ALL - {1, 4}),
    ("1 = p", {1}),
    ("5 < p", {3, 8, 9, 10, 11, 12}),
    ("5 >= p", {1, 2, 5, 6, 7}),
    ("p > 1", ALL - {1, 4}),
    ("p < 10", ALL - {3, 4, 12}),
    ('p != 1 and s = "a"', set()),
    ('(p = 1 or s = "b")', {1, 2}),
    ('p = 1 and (s = "a" or dt = "2024-01-02")', {1}),
    ("(p) in (1, 2)", {1, 2}),
    ("(p) not in (1, 2)", ALL - {1, 2, 4}),
    ('(dt) in ("2024-01-02", "2024-01-03")', {2, 3, 5}),
    ('(dt) not in ("2024-01-01", "2024-01-02")', {3, 12}),
    ('(s) not in ("a", "b")', ALL - {1, 2, 4}),
    ('s like "a.*"', {1, 4}),
    ('s like ".*a"', {1, 4}),
    ('s like ".*a.*"', {1, 4, 11}),
    ('s like "50%_.*"', {9}),
    ('s like "50_.*"', set()),
    ('s like "back\\sl.*"', {11}),
    ('dt >= "2024-01-02" and dt <= "2024-01-03"', {2, 3, 5}),
    ('dt != "2024-01-01"', {2, 3, 5, 12}),
    ('s = "it\'s"', {6}),
    ("s = 'q\"q'", {7}),
    ('s = "c d/e=f"', {8}),
    ('s = "ünï☃"', {10}),
    ('s = "back\\slash"', {11}),
    ('s != "a"', ALL - {1, 4}),
    (f's = "{NULL}"', {5}),
]

# What Glue's GetPartitions takes.
GLUE: list[tuple[str, set[int]]] = [
    ("p == 1", {1}),
    ("p <> 1", ALL - {1, 4}),
    ("P = 1 AND S = 'a'", {1}),
    ("`p` = 1", {1}),
    ("p='1'", {1}),
    ("p = 1.0", {1}),
    ("p = +1", {1}),
    ("p > -1", ALL - {4}),
    ("p between 2 and 4", {2, 5, 6}),
    ("p not between 2 and 4", ALL - {2, 4, 5, 6}),
    ("p between 2 and 4 and s = 'b'", {2}),
    ("p in (1,2,10)", {1, 2, 3}),
    ("s IN ('a', 'A')", {1, 3, 4}),
    ("s = 'it''s'", {6}),
    ("s = 'it\\'s'", {6}),
    ("s like 'c%'", {8}),
    ("s like '_'", {1, 2, 3, 4}),
    ("s like '50\\%%'", {9}),
    ("s like 'back\\\\%'", {11}),
    ("s like 'a'", {1, 4}),
    ("s not like 'a%'", ALL - {1, 4}),
    ("s is null", {5}),
    ("s is not null", ALL - {5}),
    ("p is null", {4}),
    ("dt is null", {6}),
    ("not p = 1", ALL - {1, 4}),
    ("not (not (p = 1))", {1}),
    ("not (p = 1 or s = 'b')", ALL - {1, 2, 4}),
    ("p = 1 or p = 2 and s = 'a'", {1}),
    ("(p = 1 or p = 2) and s = 'b'", {2}),
    ("dt = date '2024-01-03'", {3}),
    ("s = 1", set()),
    ("s < 'a'", {3, 5, 9}),
    ("p = 9007199254740993", {12}),
    ("p = 9007199254740992", set()),
    ("p > 9007199254740992", {12}),
    ("p in (9007199254740992, 9007199254740993)", {12}),
    ("p < 1e30", ALL - {4}),
    ("", ALL),
    ("  ", ALL),
]


@pytest.fixture
def rows(face: Face) -> None:
    face.create_database(Database("d"))
    keys = (Column("p", "int"), Column("s", "string"), Column("dt", "date"))
    face.create_table(Table("d", "t", partition_keys=keys))
    face.create_partitions("d", "t", [Partition(values, parameters={"n": str(n)}) for n, values in ROWS.items()])


def numbers(face: Face, filter: str) -> set[int]:
    return {int(partition.parameters["n"]) for partition in face.list_partitions("d", "t", filter)}


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("forms", [SPARK, GLUE], ids=["spark", "glue"])
def test_a_filter_finds_what_it_says(face: Face, forms: list[tuple[str, set[int]]]) -> None:
    assert {text: numbers(face, text) for text, _ in forms} == dict(forms)


@pytest.mark.usefixtures("rows")
def test_a_filter_of_thousands_of_values_or_alternatives_is_answered(face: Face) -> None:
    values = ", ".join(map(str, range(3_000)))
    assert numbers(face, f"(p) in ({values})") == ALL - {4, 12}
    texts = ", ".join(f'"{value}"' for value in [*range(3_000), "a"])
    assert numbers(face, f"(s) in ({texts})") == {1, 4}
    assert numbers(face, " or ".join(f"p = {number}" for number in range(3_000))) == ALL - {4, 12}
    assert numbers(face, " and ".join(f"p != {number}" for number in range(2, 500))) == {1, 12}
    with pytest.raises(InvalidPredicate, match="NOT IN"):
        numbers(face, " and ".join(f"p != {number}" for number in range(2, 3_000)))


@pytest.mark.usefixtures("rows")
def test_a_filter_may_be_nested_as_deep_as_the_parser_allows(face: Face) -> None:
    with pytest.raises(InvalidPredicate, match="nested more than"):
        face.list_partitions("d", "t", "(" * 60 + "p = 1" + ")" * 60)
    shallow = "(" * 40 + "p = 1" + ")" * 40
    assert numbers(face, shallow) == {1}
    alternating = "p = 1"
    for level in range(15):
        alternating = f"(p = 1 and ({alternating} or p = {100 + level}))"
    assert numbers(face, alternating) == {1}


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    "filter",
    [
        *("q = 1", "p = x", "p =", "p", "= 1", "p = 'a' or", "p in ()", "p in 1", "(p = 1", "s = 'open", "p = 1)"),
        *("upper(s) = 'A'", "p between 1", "p is 1", "p not 1", "`q` = 1", "1 = 1", "p like 1 2", "s = 'a' 'b'"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(face: Face, filter: str) -> None:
    with pytest.raises(InvalidPredicate):
        face.list_partitions("d", "t", filter)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("filter", ["p = 'one'", "p > '2024-01-01'", "p in (1, 'x')", "p = ''"])
def test_a_number_is_not_compared_with_text(face: Face, filter: str) -> None:
    with pytest.raises(InvalidPredicate, match=r"is int, and this is no number|is not an integer"):
        face.list_partitions("d", "t", filter)


def test_a_key_with_a_space_is_told_from_the_key_it_begins_with(face: Face) -> None:
    face.create_database(Database("d"))
    face.create_table(Table("d", "t", partition_keys=(Column("p", "int"), Column("p q", "int"))))
    face.create_partitions(
        "d", "t", [Partition(("5", "1"), parameters={"n": "1"}), Partition(("1", "5"), parameters={"n": "2"})]
    )
    assert [numbers(face, text) for text in ("p = 5", "p q = 5", "(p q) in (5)", "5 = p q")] == [{1}, {2}, {2}, {2}]


@pytest.mark.parametrize("key", ["date", "in", "not_null", "and", "type", "order", "ünï"])
def test_a_key_may_be_named_like_a_word_of_the_language(face: Face, key: str) -> None:
    face.create_database(Database("d"))
    face.create_table(Table("d", "t", partition_keys=(Column(key, "string"),)))
    face.create_partitions("d", "t", [Partition((value,), parameters={"n": value}) for value in ("1", "2")])
    assert numbers(face, f"{key} = '1'") == {1}
    assert numbers(face, f"'2' = {key}") == {2}


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("d = 0.1", {1, 2}),
        ("d > 0.1", {3}),
        ("d = 12345678901234567890123456789.5", {3}),
        ("x = 100000", {1}),
        ("x < 1", {2}),
        ("x >= 2.5E3", {1}),
        ("x is null", {3}),
    ],
)
def test_decimal_and_floating_keys_compare_by_what_they_are_worth(face: Face, filter: str, found: set[int]) -> None:
    face.create_database(Database("d"))
    face.create_table(Table("d", "t", partition_keys=(Column("d", "Decimal(38,1)"), Column("x", "DOUBLE"))))
    values = [("0.1", "1E5"), ("0.10", ".5"), ("12345678901234567890123456789.5", NULL)]
    new = [Partition(each, parameters={"n": str(n)}) for n, each in enumerate(values, 1)]
    face.create_partitions("d", "t", new)
    assert numbers(face, filter) == found


def test_an_empty_value_is_a_null_partition(face: Face) -> None:
    face.create_database(Database("d"))
    keys = (Column("s", "string"), Column("n", "int"), Column("dt", "date"))
    face.create_table(Table("d", "t", partition_keys=keys))
    face.create_partitions("d", "t", [Partition(("", "", ""), parameters={"n": "1"})])
    for text in ("s is null", "n is null", "dt is null"):
        assert numbers(face, text) == {1}
    for text in ("n != 5", "dt != '2024-01-01'", "dt < '2024-01-01'", "n < 5", "s is not null"):
        assert numbers(face, text) == set()
