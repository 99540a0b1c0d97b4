"""What is promised of a search, whatever the database: what is there is found, and what is gone is not."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.changes import AlterTable, CreateTable, DeleteTable, SetParameters
from catalog.errors import InvalidInput, InvalidPageToken
from catalog.model import Column, Connection, Database, Function, StorageDescriptor, Table
from catalog.search.documents import Field
from catalog.search.search import Hit, Narrowing
from crawlers.model import Crawler, CsvClassifier, Target
from engine.doors.search_doors import Kind
from engine.engine import Engine
from engine.flows.trigger_model import Action, Node, Trigger, TriggerType
from engine.flows.workflow_model import Workflow
from engine.model import JOB, Job

SHOP = (
    Table(
        "shop",
        "customer_orders",
        StorageDescriptor((Column("price", "decimal(10,2)", "what it cost"), Column("id", "bigint")), "s3://lake/a"),
        description="one row a sale",
    ),
    Table(
        "shop",
        "returns",
        StorageDescriptor(
            (Column("customer", "struct<postCode:string,country:string>"), Column("orders", "int")), "s3://lake/b"
        ),
        parameters={"team": "logistics", "recordCount": "4711", "password": "hunter2"},
    ),
    Table("shop", "orders", StorageDescriptor((Column("id", "bigint"),), "s3://lake/c")),
    Table("shop", "orders_old", StorageDescriptor((Column("id", "bigint"),), "s3://archive/orders")),
    Table("lab", "trial", StorageDescriptor((Column("note", "string", "about the orders"),), "s3://lake/d")),
)


@pytest.fixture
def shop(catalog: Catalog) -> Catalog:
    for name in ("shop", "lab"):
        catalog.create_database(Database(name, f"the {name}'s own"))
    for table in SHOP:
        catalog.create_table(table)
    return catalog


def names(catalog: Catalog, text: str, *fields: Field, limit: int = 100) -> list[str]:
    return [hit.full_name for hit in catalog.search(text, Narrowing(("TABLE",), fields=fields), limit).items]


def scores(hits: tuple[Hit, ...]) -> list[tuple[str, int]]:
    return [(hit.full_name, hit.score) for hit in hits]


def test_names_come_first_then_columns_then_comments_then_locations(shop: Catalog) -> None:
    assert scores(shop.search("Orders").items) == [
        ("shop.orders", 100),
        ("shop.orders_old", 80),
        ("shop.customer_orders", 60),
        ("shop.returns", 40),
        ("lab.trial", 30),
    ]
    assert names(shop, "archive") == ["shop.orders_old"]
    assert names(shop, "logistics") == ["shop.returns"]


FOUND = [
    ("shop.orders", "shop.orders"),
    ("cust ord", "shop.customer_orders"),
    ("custmoer", "shop.customer_orders"),
    ("postcode", "shop.returns"),
    ("postCode", "shop.returns"),
    ("country", "shop.returns"),
    ("WHAT COST", "shop.customer_orders"),
    ("row sale", "shop.customer_orders"),
    ("trials", "lab.trial"),
    ("team=logistics", "shop.returns"),
]


@pytest.mark.parametrize(("text", "first"), FOUND)
def test_words_their_begins_and_slips_are_found_wherever_they_stand(shop: Catalog, text: str, first: str) -> None:
    assert names(shop, text)[0] == first


@pytest.mark.parametrize("text", ["absent", "orders absent", "harbour", "4711", "hunter2", "471", "tables"])
def test_what_only_counts_or_is_secret_or_is_not_there_is_not_found(shop: Catalog, text: str) -> None:
    assert names(shop, text) == []


def test_a_hit_tells_where_its_words_stand(shop: Catalog) -> None:
    [hit] = shop.search("custommer price").items
    told = [
        (match.field, match.of, [match.fragment[r.start :][: r.length] for r in match.ranges]) for match in hit.matches
    ]
    assert told == [(Field.NAME, None, ["customer"]), (Field.COLUMN, "price", ["price"])]
    assert hit.thing == shop.get_table("shop", "customer_orders")


def test_of_a_long_text_the_part_around_what_was_found_is_told(shop: Catalog) -> None:
    long = Column("remark", "string", "so many words " * 50 + "needle" + " and more" * 50)
    shop.create_table(Table("lab", "hay", StorageDescriptor((long,))))
    [hit] = shop.search("needle").items
    [match] = hit.matches
    [place] = match.ranges
    assert match.fragment[place.start :][: place.length] == "needle"
    assert len(match.fragment) == 160


def test_hits_are_narrowed_by_kind_database_and_field(shop: Catalog) -> None:
    assert names(shop, "orders", Field.COLUMN) == ["shop.returns"]
    assert names(shop, "orders", Field.COMMENT) == ["lab.trial"]
    assert scores(shop.search("orders", Narrowing(database="LAB")).items) == [("lab.trial", 30)]
    assert [hit.kind for hit in shop.search("shop", Narrowing(("DATABASE",))).items] == ["DATABASE"]
    assert shop.search("shop", Narrowing(("JOB",))).items == ()


def test_pages_follow_each_other_without_a_gap(shop: Catalog) -> None:
    for text in ("orders", "id", "shop lake"):
        pages = [shop.search(text, limit=1)]
        while pages[-1].next_token:
            pages.append(shop.search(text, limit=1, token=pages[-1].next_token))
        whole = scores(shop.search(text).items)
        assert len(whole) > 1
        assert [each for page in pages for each in scores(page.items)] == whole


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "\ud800", "x" * 601])
def test_a_text_that_nothing_can_be_found_by_is_refused(shop: Catalog, text: str) -> None:
    with pytest.raises(InvalidInput, match="the text to search for"):
        shop.search(text)


@pytest.mark.parametrize("token", ["!", "WyJzZWFyY2giLCAiNSJd"])
def test_a_forged_token_is_refused(shop: Catalog, token: str) -> None:
    with pytest.raises(InvalidPageToken):
        shop.search("orders", token=token)


def test_a_change_is_found_by_the_next_search_and_what_it_took_away_no_more(shop: Catalog) -> None:
    assert names(shop, "price") == ["shop.customer_orders"]
    shop.update_table(Table("shop", "customer_orders", StorageDescriptor((Column("amount", "int"),))))
    assert (names(shop, "price"), names(shop, "amount")) == ([], ["shop.customer_orders"])
    shop.rename_table("shop", "customer_orders", "lab", "purchases")
    assert (names(shop, "customer_orders", Field.NAME), names(shop, "purchases")) == ([], ["lab.purchases"])
    shop.restore_version("lab", "purchases", 0)
    assert names(shop, "price") == ["lab.purchases"]
    shop.apply(
        [
            CreateTable(Table("lab", "both", StorageDescriptor((Column("note", "string", "about the orders"),))), ()),
            DeleteTable("lab", "trial"),
            AlterTable("lab", "purchases", (SetParameters({"owner": "grace"}),)),
        ]
    )
    assert names(shop, "about orders") == ["lab.both"]
    assert names(shop, "grace") == ["lab.purchases"]
    shop.delete_database("lab", cascade=True)
    assert (names(shop, "grace"), names(shop, "note"), names(shop, "lab")) == ([], [], [])


def test_a_change_that_is_undone_is_not_found(shop: Catalog) -> None:
    shop.rehearsing().create_table(Table("lab", "phantom"))
    shop.rehearsing().delete_table("lab", "trial")
    assert (names(shop, "phantom"), names(shop, "trial")) == ([], ["lab.trial"])


@pytest.fixture
def engine(shop: Catalog) -> Engine:
    """One of each kind of things, all called nightly."""
    engine = Engine(shop.engine)
    shop.create_database(Database("nightly"))
    shop.create_table(Table("shop", "nightly"))
    shop.create_function(Function("shop", "nightly", "org.example.Nightly"))
    shop.create_connection(
        Connection("nightly", properties={"JDBC_CONNECTION_URL": "jdbc:postgresql://till/db", "USERNAME": "ada"})
    )
    engine.create_classifier(CsvClassifier("nightly", ","))
    engine.create_crawler(Crawler("nightly", "shop", (Target("s3://lake/raw"),), description="What came in"))
    engine.create_job(Job("nightly", "s3://scripts/sumUp.py", {"--key": "hunter2"}, tags={"owner": "grace"}))
    engine.create_workflow(Workflow("nightly", "All of it"))
    action = Action(Node(JOB, "nightly"))
    engine.create_trigger(Trigger("nightly", TriggerType.ON_DEMAND, (action,), "At once"))
    return engine


def test_everything_is_found_by_name_and_by_what_it_says(engine: Engine) -> None:
    assert {hit.kind for hit in engine.search("Nightly").items} == set(Kind)
    for text, kind in {
        "org example": Kind.FUNCTION,
        "till": Kind.CONNECTION,
        "came raw": Kind.CRAWLER,
        "sumUp": Kind.JOB,
        "owner grace": Kind.JOB,
        "all it": Kind.WORKFLOW,
        "at once": Kind.TRIGGER,
    }.items():
        assert [(hit.kind, hit.full_name) for hit in engine.search(text).items if hit.name == "nightly"] == [
            (kind, "shop.nightly" if kind is Kind.FUNCTION else "nightly")
        ]
    assert engine.search("hunter2").items == ()


def test_nothing_is_found_once_it_is_deleted(engine: Engine, shop: Catalog) -> None:
    engine.search("nightly")
    shop.delete_function("shop", "nightly")
    shop.delete_connection("nightly")
    engine.delete_classifier("nightly")
    engine.delete_crawler("nightly")
    engine.delete_trigger("nightly")
    engine.delete_workflow("nightly")
    engine.delete_job("nightly")
    shop.delete_table("shop", "nightly")
    shop.delete_database("nightly")
    assert engine.search("nightly").items == ()


NUMBERS = count()
WORDS = st.lists(st.text("abcxyz", min_size=4, max_size=7), min_size=1, max_size=3)
NAMES = st.one_of(
    WORDS.map("_".join),
    st.text(min_size=1, max_size=20).filter(lambda name: name.strip() and name.isprintable() and "/" not in name),
)


@given(st.lists(NAMES, min_size=1, max_size=6, unique_by=str.lower), st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_search_for_a_name_always_finds_it_and_after_a_drop_never(
    catalog: Catalog, wanted: list[str], data: st.DataObject
) -> None:
    home = f"d{next(NUMBERS)}"
    catalog.create_database(Database(home))
    for name in wanted:
        catalog.create_table(Table(home, name))

    def found(name: str) -> list[tuple[str, int]]:
        hits = catalog.search(name, Narrowing(("TABLE",), home), 10).items
        return [(hit.full_name.removeprefix(f"{home}."), hit.score) for hit in hits]

    assert [(name.lower(), 100) in found(name) for name in wanted] == [True] * len(wanted)
    gone = data.draw(st.sampled_from(wanted))
    catalog.delete_table(home, gone)
    assert gone.lower() not in [name for name, _ in found(gone)]
    catalog.delete_database(home, cascade=True)
    assert [found(name) for name in wanted] == [[]] * len(wanted)


@given(st.text("abcxyz", min_size=4, max_size=10), st.integers(0, 9), st.sampled_from("abcdef"))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_column_is_found_with_one_letter_put_in(catalog: Catalog, word: str, at: int, letter: str) -> None:
    home = f"d{next(NUMBERS)}"
    catalog.create_database(Database(home))
    catalog.create_table(Table(home, "t", StorageDescriptor((Column(f"a1_{word}", "int"),))))
    found = catalog.search(word[:at] + letter + word[at:], Narrowing(("TABLE",), home)).items
    assert [hit.full_name for hit in found] == [f"{home}.t"]
    catalog.delete_database(home, cascade=True)
