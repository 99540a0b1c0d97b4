"""Stored crawlers and reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, delete, insert

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.rows import connections, metadata, resource_tags
from crawlers import definitions, rows
from crawlers.model import (
    CloudSettings,
    Configuration,
    Crawler,
    DynamoDbTarget,
    HudiTarget,
    JdbcTarget,
    LakeFormation,
    LineageSettings,
    MongoDbTarget,
    RecrawlBehavior,
    Target,
    UpdateBehavior,
)
from crawlers.report import NOTHING, Files, Report

NOW = datetime(2024, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
CRAWLER = Crawler("nightly", "lake", (Target("/lake", ("*.log",), 5),), prefix="raw_", configuration=Configuration(2))


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[rows.crawlers, rows.crawls, connections, resource_tags])
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def test_a_crawler_comes_back_as_it_was_created(connection: Connection) -> None:
    created = definitions.create_crawler(connection, CRAWLER, NOW)
    assert created == replace(CRAWLER, version=1, created_at=NOW, updated_at=NOW)
    assert definitions.get_crawler(connection, "nightly") == created


def named(connection: Connection, name: str) -> None:
    """A connection of the catalog."""
    body = '{"name": "", "kind": "JDBC"}'
    values = {"name": name, "kind": "JDBC", "body": body, "version": 0, "created_at": NOW, "updated_at": NOW}
    connection.execute(insert(connections).values(values))


def test_all_that_glue_s_clients_say_of_a_crawler_is_kept(connection: Connection) -> None:
    named(connection, "mongo")
    whole = replace(
        CRAWLER,
        mongodb_targets=(MongoDbTarget("mongo", "shop/orders", False),),
        dynamodb_targets=(DynamoDbTarget("orders", False, 0.5),),
        hudi_targets=(HudiTarget("s3://lake/hudi", ("**/tmp/*",), 3),),
        cloud=CloudSettings("arn:role", "safe", LineageSettings.ENABLE, LakeFormation(True, "123456789012")),
    )
    created = definitions.create_crawler(connection, whole, NOW)
    assert definitions.get_crawler(connection, "nightly") == created
    assert created == replace(whole, version=1, created_at=NOW, updated_at=NOW)


@pytest.mark.parametrize(
    "targets",
    [{"jdbc_targets": (JdbcTarget("erp", "db/%"),)}, {"mongodb_targets": (MongoDbTarget("erp", "db/c"),)}],
    ids=("jdbc", "mongodb"),
)
def test_a_connection_that_is_not_there_is_told_when_it_is_named_and_not_later(
    targets: dict[str, Any], connection: Connection
) -> None:
    crawler = replace(CRAWLER, **targets)
    with pytest.raises(NotFound, match="Connection erp not found"):
        definitions.create_crawler(connection, crawler, NOW)
    definitions.create_crawler(connection, CRAWLER, NOW)
    with pytest.raises(NotFound, match="Connection erp not found"):
        definitions.update_crawler(connection, crawler, None, NOW)
    named(connection, "erp")
    definitions.update_crawler(connection, crawler, None, NOW)
    connection.execute(delete(connections))
    assert definitions.update_crawler(connection, replace(crawler, prefix="x_"), None, NOW).prefix == "x_"


def test_two_crawlers_cannot_have_one_name(connection: Connection) -> None:
    definitions.create_crawler(connection, CRAWLER, NOW)
    with pytest.raises(AlreadyExists, match="Crawler nightly already exists"):
        definitions.create_crawler(connection, CRAWLER, NOW)


def test_a_crawler_that_is_not_there_is_named(connection: Connection) -> None:
    assert definitions.find_crawler(connection, "x") is None
    for verb in (definitions.get_crawler, definitions.delete_crawler):
        with pytest.raises(NotFound, match="Crawler x not found"):
            verb(connection, "x")


def test_crawlers_are_listed_by_name_in_pages(connection: Connection) -> None:
    for name in "cab":
        definitions.create_crawler(connection, replace(CRAWLER, name=name), NOW)
    first = definitions.list_crawlers(connection, 2, None)
    second = definitions.list_crawlers(connection, 2, first.next_token)
    assert [crawler.name for crawler in (*first.items, *second.items)] == ["a", "b", "c"]
    assert second.next_token is None


def test_a_crawler_of_new_folders_only_keeps_its_targets(connection: Connection) -> None:
    only_new = replace(CRAWLER, recrawl=RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY)
    definitions.create_crawler(connection, only_new, NOW)
    elsewhere = replace(only_new, targets=(Target("/other"),))
    with pytest.raises(InvalidInput, match="it crawls new folders only, so its targets stay"):
        definitions.update_crawler(connection, elsewhere, None, LATER)
    definitions.update_crawler(connection, replace(only_new, prefix="x"), None, LATER)
    definitions.update_crawler(connection, replace(elsewhere, recrawl=CRAWLER.recrawl), None, LATER)


def test_an_old_body_without_the_newer_fields_is_still_read(connection: Connection) -> None:
    body = """{"name":"","database":"lake","targets":[{"place":"/lake","exclusions":[],"sample_size":null}],"prefix":"",
      "schema_change":{"update":"LOG","delete":"LOG"},"configuration":{"table_level":2},"version":3}"""
    values = {"name": "old", "body": body, "version": 3, "created_at": NOW, "updated_at": NOW}
    connection.execute(insert(rows.crawlers).values(values))
    found = definitions.get_crawler(connection, "old")
    assert found.all_targets == (Target("/lake"),)
    assert (found.configuration.create_partition_index, found.schedule_paused) == (True, False)


def test_an_update_counts_versions_and_refuses_a_stale_one(connection: Connection) -> None:
    definitions.create_crawler(connection, CRAWLER, NOW)
    changed = definitions.update_crawler(connection, replace(CRAWLER, prefix="x_"), 1, LATER)
    assert (changed.version, changed.created_at, changed.updated_at) == (2, NOW, LATER)
    with pytest.raises(VersionConflict, match="at version 2, not 1"):
        definitions.update_crawler(connection, replace(CRAWLER, prefix="y_"), 1, LATER)
    assert definitions.get_crawler(connection, "nightly") == changed


def test_an_update_that_changes_nothing_makes_no_version(connection: Connection) -> None:
    created = definitions.create_crawler(connection, CRAWLER, NOW)
    assert definitions.update_crawler(connection, CRAWLER, 1, LATER) == created


def test_a_deleted_crawler_is_gone(connection: Connection) -> None:
    definitions.create_crawler(connection, CRAWLER, NOW)
    definitions.delete_crawler(connection, "nightly")
    assert definitions.find_crawler(connection, "nightly") is None


@pytest.mark.parametrize(
    ("crawler", "why"),
    [
        (replace(CRAWLER, name=""), "1 to 255"),
        (replace(CRAWLER, prefix="x" * 129), "prefix"),
        (replace(CRAWLER, targets=(Target("/x", sample_size=250),)), "sample size is 250"),
        (replace(CRAWLER, targets=(Target("/x", ("[",)),)), "not closed"),
        (replace(CRAWLER, configuration=Configuration(table_level=0)), "table level is 0"),
        (replace(CRAWLER, mongodb_targets=(MongoDbTarget("m", "shop"),)), "its path is not database/collection"),
        (replace(CRAWLER, mongodb_targets=(MongoDbTarget("", "a/b"),)), "MongoDB target names no connection"),
        (replace(CRAWLER, dynamodb_targets=(DynamoDbTarget(""),)), "names no table"),
        (replace(CRAWLER, dynamodb_targets=(DynamoDbTarget("t", scan_rate=1.6),)), "scan rate is 1.6"),
        (replace(CRAWLER, hudi_targets=(HudiTarget(""),)), "a target has no place"),
        (replace(CRAWLER, hudi_targets=(HudiTarget("/x", max_depth=21),)), "a depth is 21"),
        (replace(CRAWLER, hudi_targets=(HudiTarget("/x", ("[",)),)), "not closed"),
        (replace(CRAWLER, cloud=CloudSettings(role="")), "its role is empty"),
        (replace(CRAWLER, cloud=CloudSettings(security_configuration="x" * 129)), "longer than 128"),
        (replace(CRAWLER, cloud=CloudSettings(lake_formation=LakeFormation(True, "me"))), "no account of AWS"),
    ],
)
def test_a_definition_that_no_crawl_could_follow_is_refused(crawler: Crawler, why: str, connection: Connection) -> None:
    with pytest.raises(InvalidInput, match=why):
        definitions.create_crawler(connection, crawler, NOW)


def test_policies_survive_storage(connection: Connection) -> None:
    policy = replace(CRAWLER.schema_change, update=UpdateBehavior.LOG)
    definitions.create_crawler(connection, replace(CRAWLER, schema_change=policy), NOW)
    assert definitions.get_crawler(connection, "nightly").schema_change == policy


def test_a_report_is_found_by_its_run(connection: Connection) -> None:
    report = Report("nightly", "lake", "r1", False, True, Files(3), (), NOTHING, NOTHING, {"group": 0.1}, ("a line",))
    definitions.save_report(connection, "r1", "nightly", report, NOW)
    assert definitions.find_report(connection, "r1") == report
    assert definitions.find_report(connection, "r2") is None
