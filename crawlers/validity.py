"""Whether a crawler's definition is one that a crawl could follow. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.errors import InvalidInput
from catalog.names import LONGEST_NAME
from crawlers.listing import compile_glob
from crawlers.model import (
    CloudSettings,
    Crawler,
    DeltaTarget,
    HudiTarget,
    IcebergTarget,
    JdbcTarget,
    RecrawlBehavior,
    Target,
)

LONGEST_PREFIX = 128
LARGEST_SAMPLE = 249
DEEPEST_SEARCH = 20
LONGEST_DESCRIPTION = 2_048
LONGEST_SECURITY = 128
SCAN_RATES = (0.1, 1.5)  # of a DynamoDB table's read capacity
_ALL = RecrawlBehavior.CRAWL_EVERYTHING


def demand_valid(crawler: Crawler) -> None:
    """Raises InvalidInput, naming what is wrong. That it has no target is not, while nobody crawls it."""
    for why in _faults(crawler):
        raise InvalidInput(what=f"crawler {crawler.name!r}", why=why)
    exclusive: tuple[Target | JdbcTarget | IcebergTarget | HudiTarget, ...] = (
        *crawler.targets,
        *crawler.jdbc_targets,
        *crawler.iceberg_targets,
        *crawler.hudi_targets,
    )
    for target in exclusive:
        for pattern in target.exclusions:
            compile_glob(pattern)


def with_some_target(crawler: Crawler) -> Crawler:
    """The crawler, if there is something that it is to look at. Raises InvalidInput."""
    if not crawler.all_targets:
        raise InvalidInput(what=f"crawler {crawler.name!r}", why="it has no target.")
    return crawler


def demand_targets_kept(old: Crawler, new: Crawler) -> None:
    """A crawler of new folders only keeps its targets (Glue's rule): it knows what is new by what it saw there.

    Raises InvalidInput.
    """
    only_new = RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY
    if old.recrawl is new.recrawl is only_new and old.all_targets != new.all_targets:
        why = f"it crawls new folders only, so its targets stay; set its recrawl behaviour to {_ALL} first."
        raise InvalidInput(what=f"crawler {new.name!r}", why=why)


def _faults(crawler: Crawler) -> Iterator[str]:
    if not 1 <= len(crawler.name) <= LONGEST_NAME:
        yield f"its name needs 1 to {LONGEST_NAME} characters."
    if crawler.catalog_targets and len(crawler.catalog_targets) < len(crawler.all_targets):
        yield "catalog targets do not mix with targets of other kinds."
    if not crawler.catalog_targets and not crawler.database:
        yield "it has no database to write to."
    if len(crawler.prefix) > LONGEST_PREFIX:
        yield f"its table prefix is longer than {LONGEST_PREFIX} characters."
    if len(crawler.description or "") > LONGEST_DESCRIPTION:
        yield f"its description is longer than {LONGEST_DESCRIPTION} characters."
    yield from _wrong_numbers(crawler)
    yield from _wrong_targets(crawler)
    yield from _wrong_settings(crawler.cloud)


def _wrong_numbers(crawler: Crawler) -> Iterator[str]:
    configuration = crawler.configuration
    for name, value in (
        ("table level", configuration.table_level),
        ("table threshold", configuration.table_threshold),
    ):
        if value is not None and value < 1:
            yield f"its {name} is {value}; it must be 1 or more."
    for target in crawler.targets:
        if target.sample_size is not None and not 1 <= target.sample_size <= LARGEST_SAMPLE:
            yield f"a sample size is {target.sample_size}; it must be 1 to {LARGEST_SAMPLE}."
    searched: tuple[IcebergTarget | HudiTarget, ...] = (*crawler.iceberg_targets, *crawler.hudi_targets)
    for nested in searched:
        if not 1 <= nested.max_depth <= DEEPEST_SEARCH:
            yield f"a depth is {nested.max_depth}; it must be 1 to {DEEPEST_SEARCH}."
    for table in crawler.dynamodb_targets:
        if table.scan_rate is not None and not SCAN_RATES[0] <= table.scan_rate <= SCAN_RATES[1]:
            yield f"a scan rate is {table.scan_rate}; it must be {SCAN_RATES[0]} to {SCAN_RATES[1]}."


def _wrong_targets(crawler: Crawler) -> Iterator[str]:
    placed: tuple[Target | DeltaTarget | IcebergTarget | HudiTarget, ...] = (
        *crawler.targets,
        *crawler.delta_targets,
        *crawler.iceberg_targets,
        *crawler.hudi_targets,
    )
    if not all(target.place for target in placed):
        yield "a target has no place."
    for jdbc in crawler.jdbc_targets:
        database, *below = jdbc.path.split("/")
        if not jdbc.connection:
            yield "a JDBC target names no connection."
        if not database or "%" in database or len(below) > 2:
            yield f"the path {jdbc.path!r} is not database/schema/table or database/table; % is for the last two."
    for catalogued in crawler.catalog_targets:
        if not catalogued.database or not catalogued.tables:
            yield "a catalog target names no database, or no table."
    for mongodb in crawler.mongodb_targets:
        if not mongodb.connection or not re.fullmatch("[^/]+/[^/]+", mongodb.path):
            yield "a MongoDB target names no connection, or its path is not database/collection."
    if not all(target.table for target in crawler.dynamodb_targets):
        yield "a DynamoDB target names no table."


def _wrong_settings(cloud: CloudSettings) -> Iterator[str]:
    if cloud.role is not None and not cloud.role:
        yield "its role is empty."
    if len(cloud.security_configuration or "") > LONGEST_SECURITY:
        yield f"the name of its security configuration is longer than {LONGEST_SECURITY} characters."
    account = cloud.lake_formation.account if cloud.lake_formation else None
    if account is not None and not re.fullmatch("[0-9]{12}", account):
        yield "the account of its Lake Formation is no account of AWS, which has 12 digits."
