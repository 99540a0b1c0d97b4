"""Plans as the engine makes and applies them, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import select

from catalog.catalog import Catalog
from catalog.db import reading
from catalog.model import Database, Origin, Partition
from crawlers import rows, states
from crawlers.errors import PlanOutdated
from crawlers.model import Crawler, DeltaTarget, RecrawlBehavior, Target
from crawlers.plans import PlanState
from engine.crawling import plans
from engine.engine import Engine


@pytest.fixture
def catalog(store: SqlEngine) -> Catalog:
    opened = Catalog(store, Origin("test"))
    opened.create_database(Database("lake"))
    return opened


@pytest.fixture
def crawler(catalog: Catalog, tmp_path: Path) -> Crawler:
    for table in ("sales", "stock"):
        for month in "12":
            folder = tmp_path / "lake" / table / f"month={month}"
            folder.mkdir(parents=True)
            (folder / "a.csv").write_text(f"id,{table}\n1,x\n2,y\n")
    return Engine(catalog.engine).create_crawler(Crawler("c", "lake", (Target(str(tmp_path / "lake")),)))


def states_of(catalog: Catalog) -> dict[str, bytes]:
    with reading(catalog.engine) as connection:
        return states.list_states(connection, "c")


def test_a_plan_is_kept_shown_and_applied_with_what_the_crawler_is_to_remember(
    catalog: Catalog, crawler: Crawler
) -> None:
    made = plans.make_plan(catalog, crawler, stored=True)
    assert made.plan.state(catalog.now()) is PlanState.OPEN
    shown = plans.get_plan(catalog, made.plan.id)
    assert (shown.plan, shown.body.report.tables) == (made.plan, made.body.report.tables)
    assert shown.body.survey.changes == made.body.survey.changes
    assert states_of(catalog) == {}
    applied = plans.apply_plan(catalog, made.plan.id)
    assert applied.applied == ("lake.sales", "lake.stock")
    assert Engine(catalog.engine).get_plan(made.plan.id) == applied
    assert states_of(catalog) == made.body.survey.remembered != {}
    assert [partition.values for partition in catalog.iter_partitions("lake", "sales")] == [("1",), ("2",)]
    origin = catalog.batch_get_origins([("lake", "sales")])["lake", "sales"]
    assert (origin.face, origin.principal, origin.run_id) == ("crawler", "c", made.plan.id)
    assert plans.make_plan(catalog, crawler, stored=True).plan.changing == ()


def test_a_part_of_a_plan_leaves_the_crawler_s_memory_as_it_is(catalog: Catalog, crawler: Crawler) -> None:
    made = plans.make_plan(catalog, crawler, stored=True)
    plans.apply_plan(catalog, made.plan.id, ["stock"])
    assert states_of(catalog) == {}
    assert plans.make_plan(catalog, crawler, stored=True).plan.changing == ("lake.sales",)


def test_a_plan_does_not_take_back_what_a_crawler_in_event_mode_has_seen_since(
    catalog: Catalog, crawler: Crawler
) -> None:
    watching = replace(crawler, recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    Engine(catalog.engine).update_crawler(watching)
    made = plans.make_plan(catalog, watching, stored=True)
    plans.apply_plan(catalog, made.plan.id)
    assert states_of(catalog) == {}


def test_an_outdated_plan_is_refused_and_not_used_up(catalog: Catalog, crawler: Crawler) -> None:
    plans.apply_plan(catalog, plans.make_plan(catalog, crawler, stored=True).plan.id)
    file = next(Path(crawler.targets[0].place).glob("sales/month=1/*"))
    file.write_text("id,sales,more\n1,x,2\n2,y,3\n")
    late = plans.make_plan(catalog, crawler, stored=True).plan
    catalog.create_partitions("lake", "sales", [Partition(("9",))])
    with pytest.raises(PlanOutdated, match=r"partitions of table lake\.sales were changed meanwhile"):
        plans.apply_plan(catalog, late.id)
    catalog.delete_partitions("lake", "sales", [("9",)])
    assert plans.apply_plan(catalog, late.id).applied == ("lake.sales",)


def test_the_plan_of_a_crawler_that_is_deleted_meanwhile_still_applies(catalog: Catalog, crawler: Crawler) -> None:
    made = plans.make_plan(catalog, crawler, stored=True)
    Engine(catalog.engine).delete_crawler("c")
    plans.apply_plan(catalog, made.plan.id)
    with reading(catalog.engine) as connection:
        assert connection.execute(select(rows.crawl_states)).all() == []


def test_a_delta_table_s_list_of_files_is_written_by_the_plan_s_application(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "delta" / "sold"
    write_deltalake(str(folder), pa.table({"id": [1, 2]}))
    target = DeltaTarget(str(folder), native=False, manifest=True)
    made = plans.make_plan(catalog, Crawler("d", "lake", delta_targets=(target,)), stored=False)
    manifest = folder / "_symlink_format_manifest" / "manifest"
    assert not manifest.exists()
    plans.apply_plan(catalog, made.plan.id)
    assert manifest.read_text().strip().endswith(".parquet")
