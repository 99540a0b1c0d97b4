"""Who reads a table."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine

from catalog.db import reading
from crawlers.model import CatalogTarget, Crawler, Target
from engine.crawling.readers import Reader, list_readers, names_table
from engine.engine import Engine
from engine.model import Job, RunSource


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sales", True),
        ("SELECT * FROM Sales WHERE x", True),
        ("select 1 from shop.sales", True),
        ("select 1 from `shop`.`sales`", True),
        ('select 1 from "shop"."sales"', True),
        ("select 1 from other.sales", False),
        ("select 1 from sales_2026", False),
        ("presales", False),
        ("s3://shop/sales/2026", True),
    ],
)
def test_a_text_names_a_table_as_a_word_of_its_own_database(text: str, named: bool) -> None:
    assert names_table(text, "shop", "sales") is named


def test_jobs_are_known_by_their_scripts_and_runs_and_crawlers_by_their_targets(
    store: SqlEngine, tmp_path: Path
) -> None:
    scripts = {
        "names": 'spark.table("sales")',
        "says": "# sales in a comment\nsales = 1\n",
        "broken": "this is no Python, but sales",
        "bookmarked": "print()",
    }
    engine = Engine(store)
    for name, text in scripts.items():
        (tmp_path / f"{name}.py").write_text(text)
        engine.create_job(Job(name, str(tmp_path / f"{name}.py")))
    run = engine.start_job_run("bookmarked")
    engine.record_source(run.id, RunSource("ctx", "shop.sales", 1, 0, None))
    (tmp_path / "names.py").replace(tmp_path / "kept.py")
    engine.create_job(Job("gone", str(tmp_path / "kept.py")))
    (tmp_path / "kept.py").rename(tmp_path / "names.py")
    engine.create_crawler(Crawler("watch", "", catalog_targets=(CatalogTarget("Shop", ("Sales", "x")),)))
    engine.create_crawler(Crawler("plain", "shop", (Target("/lake/sales"),)))
    with reading(store) as connection:
        assert list_readers(connection, [("shop", "sales")]) == [
            Reader("crawler", "watch", "shop.sales", "the table is a target of it"),
            Reader("job", "bookmarked", "shop.sales", "a run of it read the table"),
            Reader("job", "broken", "shop.sales", "its script names the table"),
            Reader("job", "names", "shop.sales", "its script names the table"),
        ]
        assert list_readers(connection, []) == []
