"""Targets that are kept for clients of Glue: a crawl skips them and says so, and fails if there is nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from crawlers.crawl import crawl
from crawlers.errors import NotAvailable
from crawlers.model import Crawler, DynamoDbTarget, HudiTarget, MongoDbTarget
from crawlers.report import Action
from tests.crawlers.lakes import SALES, crawler, put

REASONS = {
    "MongoDB collection shop/orders of connection m": "export what it holds to files, and crawl these",
    "DynamoDB table orders": "export what it holds to files, and crawl these",
    "Hudi folder s3://lake/hudi": "let Hudi's own sync register its tables",
}


def with_all(made: Crawler) -> Crawler:
    return replace(
        made,
        mongodb_targets=(MongoDbTarget("m", "shop/orders"),),
        dynamodb_targets=(DynamoDbTarget("orders"),),
        hudi_targets=(HudiTarget("s3://lake/hudi"),),
    )


def test_a_crawl_without_any_other_target_fails_and_names_them_all(catalog: Catalog) -> None:
    with pytest.raises(NotAvailable) as raised:
        crawl(with_all(Crawler("c", "lake")), catalog)
    assert str(raised.value) == (
        f"What crawler c is to look at ({'; '.join(REASONS)}) is not available here; "
        "export what it holds to files, and crawl these."
    )
    with pytest.raises(NotAvailable, match=r"What crawler c is to look at \(DynamoDB table t\) is not available here"):
        crawl(Crawler("c", "lake", dynamodb_targets=(DynamoDbTarget("t"),)), catalog)


def test_a_crawl_with_other_targets_crawls_these_and_names_what_it_skips(lake: Path, catalog: Catalog) -> None:
    put(lake, {"stock/a.csv": SALES, "other/a.json": '{"x": 1}'})
    report = crawl(with_all(crawler(lake)), catalog)
    assert [(table.name, table.action) for table in report.tables] == [
        ("other", Action.CREATED),
        ("stock", Action.CREATED),
    ]
    skipped = {note.place: note.reason for note in report.files.skipped.shown}
    assert skipped == {what: f"{what} is not available here; {instead}." for what, instead in REASONS.items()}
    assert all(f"Skipped: {reason}" in report.log for reason in skipped.values())
    assert report.files.failed.total == 0
