"""Crawl plans: what is stored is what is shown and written; nothing is written if the catalog moved meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.changes import AddColumn, AlterTable, SetParameters
from catalog.db import reading, writing
from catalog.errors import InvalidInput, NotFound
from catalog.model import Column, Database, Partition, Table
from crawlers import plans
from crawlers.crawl import crawl, survey
from crawlers.errors import PlanApplied, PlanExpired, PlanOutdated
from crawlers.model import Crawler, DeleteBehavior, SchemaChangePolicy, Target
from crawlers.plan_bodies import PlanBody, decode_body, encode_body
from crawlers.plans import Plan, PlanState
from crawlers.report import Report
from crawlers.surveys import Survey

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SALES = "id,item\n1,pen\n2,ink\n"


@pytest.fixture
def crawler(lake: Path) -> Crawler:
    for month in "12":
        (lake / "sales" / f"month={month}").mkdir(parents=True)
        (lake / "sales" / f"month={month}" / "a.csv").write_text(SALES)
    (lake / "stock.csv").write_text("item,count\npen,3\nink,4\n")
    return Crawler("c", "lake", (Target(str(lake)),))


def found_by(crawler: Crawler, catalog: Catalog) -> Survey:
    return survey(crawler, catalog, dry_run=True, run_id="plan_1")


def stored(crawler: Crawler, catalog: Catalog, plan_id: str = "plan_1", now: datetime = NOW) -> Plan:
    with writing(catalog.engine) as connection:
        return plans.create_plan(connection, plan_id, "c", crawler, found_by(crawler, catalog), now)


def applied(catalog: Catalog, *only: str, now: datetime = NOW) -> Plan:
    with writing(catalog.engine) as connection:
        plan, body = plans.take_plan(connection, "plan_1", only or None, now)
        catalog.apply_in(connection, body.survey.changes)
        return plan


def state_of(catalog: Catalog) -> dict[str, tuple[Table, list[Partition]]]:
    """Without times and counts of writes."""
    timeless = {"created_at": None, "updated_at": None}
    return {
        table.name: (
            replace(table, token=0, version=0, **timeless),  # type: ignore[arg-type]
            [replace(each, created_at=None) for each in catalog.iter_partitions("lake", table.name)],
        )
        for table in catalog.iter_tables("lake")
    }


def test_a_body_comes_back_as_it_was_stored(crawler: Crawler, catalog: Catalog, lake: Path) -> None:
    crawl(crawler, catalog)
    (lake / "sales" / "month=1" / "a.csv").write_text("id,item,price\n1,pen,2.5\n2,ink,3.5\n")
    (lake / "sales" / "month=3").mkdir()
    (lake / "sales" / "month=3" / "a.csv").write_text(SALES)
    (lake / "sales" / "month=2" / "a.csv").unlink()
    (lake / "stock.csv").unlink()
    (lake / "new.csv").write_text("a,b\n1,2\n")
    gone = replace(crawler, schema_change=SchemaChangePolicy(delete=DeleteBehavior.DELETE_FROM_DATABASE))
    found = replace(found_by(gone, catalog), remembered={"file:///x/": b"\0\xff"})
    kinds = {type(change).__name__ for change in found.changes}
    writing = {"CreateTable", "AlterTable", "PutPartitions", "DeletePartitions", "DeleteTable"}
    assert kinds == writing | {"ExpectTable"}
    body = PlanBody(gone, found)
    assert decode_body(encode_body(body)) == body


def test_a_plan_that_is_applied_writes_what_a_crawl_would_have(
    crawler: Crawler, catalog: Catalog, empty_catalog: Catalog
) -> None:
    plan = stored(crawler, catalog)
    assert list(catalog.iter_tables("lake")) == []
    assert plan.tables.added == 2
    assert plan.changing == ("lake.sales", "lake.stock")
    assert applied(catalog).applied == ("lake.sales", "lake.stock")
    crawl(crawler, empty_catalog, run_id="plan_1")
    assert state_of(catalog) == state_of(empty_catalog)


def test_the_accepted_part_alone_is_written(crawler: Crawler, catalog: Catalog) -> None:
    stored(crawler, catalog)
    assert applied(catalog, "SALES").applied == ("lake.sales",)
    assert [table.name for table in catalog.iter_tables("lake")] == ["sales"]
    assert len(list(catalog.iter_partitions("lake", "sales"))) == 2


@pytest.mark.parametrize("name", ["other", "elsewhere.sales"])
def test_a_table_that_the_plan_does_not_change_is_refused_by_its_name(
    crawler: Crawler, catalog: Catalog, name: str
) -> None:
    stored(crawler, catalog)
    with pytest.raises(InvalidInput, match=f"table {name} is not valid: crawl plan plan_1 does not change it"):
        applied(catalog, name)
    assert applied(catalog).applied  # the refusal has not used it up


def test_no_part_at_all_is_refused(crawler: Crawler, catalog: Catalog) -> None:
    stored(crawler, catalog)
    with writing(catalog.engine) as connection, pytest.raises(InvalidInput, match="plan_1 is not valid: it names no"):
        plans.take_plan(connection, "plan_1", [], NOW)


def test_a_plan_is_applied_once(crawler: Crawler, catalog: Catalog) -> None:
    stored(crawler, catalog)
    applied(catalog, "sales")
    with pytest.raises(PlanApplied, match="plan_1 was applied already, at 2026-01-01 00:00:00 UTC"):
        applied(catalog)


def test_a_plan_expires(crawler: Crawler, catalog: Catalog) -> None:
    plan = stored(crawler, catalog)
    late = plan.expires_at
    assert plan.state(late) is PlanState.EXPIRED
    with pytest.raises(PlanExpired, match="plan_1 expired at 2026-01-08"):
        applied(catalog, now=late)
    assert list(catalog.iter_tables("lake")) == []


def put_partition(catalog: Catalog) -> None:
    catalog.create_partitions("lake", "sales", [Partition(("9",))])


def retype(catalog: Catalog) -> None:
    catalog.apply([AlterTable("lake", "sales", (AddColumn(Column("x", "int")),))])


def count(catalog: Catalog) -> None:
    catalog.apply([AlterTable("lake", "sales", (SetParameters({"numRows": "7"}),))])


def make_anew(catalog: Catalog) -> None:
    table = catalog.get_table("lake", "sales")
    catalog.delete_table("lake", "sales")
    catalog.create_table(table)


MOVES = [
    (put_partition, "partitions of table lake.sales were changed meanwhile"),
    (retype, "table lake.sales was changed meanwhile"),
    (count, "table lake.sales was changed meanwhile"),
    (make_anew, "table lake.sales was changed meanwhile"),
    (lambda catalog: catalog.delete_table("lake", "sales"), "table lake.sales is gone"),
    (lambda catalog: catalog.delete_database("lake", cascade=True), "database lake is gone"),
]


@pytest.mark.parametrize(("move", "why"), MOVES)
def test_a_plan_whose_table_moved_meanwhile_is_refused_whole(
    crawler: Crawler, catalog: Catalog, lake: Path, move: Callable[[Catalog], object], why: str
) -> None:
    crawl(crawler, catalog)
    (lake / "sales" / "month=1" / "a.csv").write_text("id,item,price\n1,pen,2.5\n2,ink,3.5\n")
    (lake / "new.csv").write_text("a,b\n1,2\n")
    stored(crawler, catalog)
    move(catalog)
    with pytest.raises(PlanOutdated, match=why):
        applied(catalog)
    assert catalog.find_database("lake") is None or catalog.find_table("lake", "new") is None


def test_a_plan_of_a_table_that_has_been_created_meanwhile_is_refused(crawler: Crawler, catalog: Catalog) -> None:
    stored(crawler, catalog)
    catalog.create_table(Table("lake", "stock"))
    with pytest.raises(PlanOutdated, match=r"table lake\.stock has been created meanwhile"):
        applied(catalog)
    assert applied(catalog, "sales").applied == ("lake.sales",)  # the other table has not moved


def test_a_table_that_moved_but_is_not_among_the_accepted_does_not_matter(
    crawler: Crawler, catalog: Catalog, lake: Path
) -> None:
    crawl(crawler, catalog)
    (lake / "sales" / "month=3").mkdir()
    (lake / "sales" / "month=3" / "a.csv").write_text(SALES)
    (lake / "stock.csv").write_text("item,count,price\npen,3,1.5\nink,4,2.5\n")
    stored(crawler, catalog)
    put_partition(catalog)
    assert applied(catalog, "lake.stock").applied == ("lake.stock",)


def test_tables_of_other_databases_do_not_matter(crawler: Crawler, catalog: Catalog) -> None:
    stored(crawler, catalog)
    catalog.create_database(Database("other"))
    catalog.create_table(Table("other", "sales"))
    assert applied(catalog).applied == ("lake.sales", "lake.stock")


def test_plans_are_listed_newest_first_in_pages_and_deleted(crawler: Crawler, catalog: Catalog) -> None:
    for number in range(3):
        stored(crawler, catalog, f"plan_{number}", NOW + timedelta(hours=number))
    with reading(catalog.engine) as connection:
        first = plans.list_plans(connection, "c", 2, None)
        rest = plans.list_plans(connection, "c", 2, first.next_token)
        assert [plan.id for plan in (*first.items, *rest.items)] == ["plan_2", "plan_1", "plan_0"]
        assert plans.list_plans(connection, "other", 2, None).items == ()
    with writing(catalog.engine) as connection:
        plans.delete_plan(connection, "plan_1")
        for verb in (plans.get_plan, plans.get_body, plans.delete_plan):
            with pytest.raises(NotFound, match="Crawl plan plan_1 not found"):
                verb(connection, "plan_1")


def test_a_long_expired_plan_goes_when_another_is_stored(crawler: Crawler, catalog: Catalog) -> None:
    stored(crawler, catalog, "plan_0")
    stored(crawler, catalog, "plan_2", NOW + plans.LIFE + plans.KEPT + timedelta(seconds=1))
    with reading(catalog.engine) as connection:
        assert [plan.id for plan in plans.list_plans(connection, None, 9, None).items] == ["plan_2"]


def test_a_plan_counts_the_differences_that_may_break_readers(crawler: Crawler, catalog: Catalog, lake: Path) -> None:
    crawl(crawler, catalog)
    (lake / "stock.csv").write_text("item,count\npen,many\nink,4\n")
    plan = stored(crawler, catalog)
    assert (plan.breaking, plan.changing) == (1, ("lake.stock",))


def test_the_report_of_a_plan_says_which_files_and_values_voted_for_each_type(
    crawler: Crawler, catalog: Catalog, lake: Path
) -> None:
    (lake / "sales" / "month=2" / "a.csv").write_text("id,item\n7,pen\nn/k,ink\n")
    report: Report = found_by(crawler, catalog).report
    ident = next(table for table in report.tables if table.name == "sales").evidence[0]
    one, two = (f"file://{lake}/sales/month={month}/a.csv" for month in "12")
    assert (ident.name, ident.type) == ("id", "string")
    assert [(vote.type, vote.count, vote.place) for vote in ident.by_files] == [("bigint", 1, one), ("string", 1, two)]
    assert [(vote.type, vote.count, vote.place, vote.row, vote.value) for vote in ident.by_values] == [
        ("bigint", 3, one, 1, "1"),
        ("string", 1, two, 2, "n/k"),
    ]
