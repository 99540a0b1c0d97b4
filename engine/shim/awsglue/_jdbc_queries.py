"""What a JDBC source reads: Glue's options as the queries that Spark sends, one a partition. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from awsglue._jdbc_vendors import Vendor, switched_on

FETCH_ROWS = "10000"  # without a size PostgreSQL's driver holds a whole result in memory
HASH_PARTITIONS = 7
_SPARK_PARTITIONING = {
    "partitioncolumn": "partitionColumn",
    "lowerbound": "lowerBound",
    "upperbound": "upperBound",
    "numpartitions": "numPartitions",
}
_ENDS_IN_CONDITION = re.compile(r"\b(where|and)\s*$", re.IGNORECASE)
_ROWS = "isinglass_rows"


@dataclass(frozen=True)
class Queries:
    """`tables` are what stands in FROM, read one below the other; `predicates` make a query each of a single table.

    `options` are Spark's own. `limit` is the most rows to keep of all.
    """

    tables: tuple[str, ...]
    predicates: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    limit: int | None = None

    def where(self, condition: str) -> Queries:
        """The same rows as far as the condition, in the store's SQL, is true of them."""
        return replace(self, tables=tuple(_filtered(table, condition) for table in self.tables))

    def first(self, count: int, vendor: Vendor) -> Queries:
        """The first rows, in no order: one query each."""
        tables = tuple(f"({vendor.first(table, count)}) {_ROWS}" for table in self.tables)
        kept = count if self.limit is None else min(count, self.limit)
        return Queries(tables, limit=kept)


def queries_of(vendor: Vendor, options: Mapping[str, Any]) -> Queries:
    """The queries of folded connection options (names in lower case).

    dbtable may be a subquery. A hashfield or hashexpression splits it into hashpartitions queries, a partitionColumn
    into Spark's ranges, which go first. ValueError without a table, or for a sampleQuery that cannot be added to.
    """
    if options.get("samplequery"):
        return _sampled(vendor, options)
    source = Queries((_table(options),), options={"fetchsize": str(options.get("fetchsize") or FETCH_ROWS)})
    if options.get("filterpredicate"):
        source = source.where(str(options["filterpredicate"]))
    ranges = {theirs: str(options[ours]) for ours, theirs in _SPARK_PARTITIONING.items() if options.get(ours)}
    if "partitionColumn" in ranges:
        return replace(source, options={**source.options, **ranges})
    return replace(source, predicates=tuple(_buckets(vendor, options)))


def parenthesised(query: str) -> str:
    """A query as it may stand in FROM."""
    return f"({query.strip().rstrip(';')}) {_ROWS}"


def _table(options: Mapping[str, Any]) -> str:
    query = options.get("query")
    if query:
        return parenthesised(str(query))
    table = str(options.get("dbtable") or "").strip().rstrip(";")
    if not table:
        raise ValueError("A JDBC source needs the option dbtable (a table or a subquery), query or sampleQuery.")
    return parenthesised(table) if re.match(r"(select|with)\s", table, re.IGNORECASE) else table


def _filtered(table: str, condition: str) -> str:
    return f"(SELECT * FROM {table} WHERE {condition}) {_ROWS}"  # noqa: S608 - a script's own SQL


def _buckets(vendor: Vendor, options: Mapping[str, Any]) -> list[str]:
    if options.get("hashexpression"):
        number = f"({options['hashexpression']})"
    elif options.get("hashfield"):
        number = vendor.hashed.format(column=vendor.column(str(options["hashfield"])))
    else:
        return []
    count = int(options.get("hashpartitions", HASH_PARTITIONS))
    if count < 1:
        raise ValueError(f"hashpartitions is {count}: it is the number of queries, at least 1.")
    return [vendor.bucket(number, count, at) for at in range(count)]


def _sampled(vendor: Vendor, options: Mapping[str, Any]) -> Queries:
    query = str(options["samplequery"]).strip().rstrip(";")
    settings = {"fetchsize": str(options.get("fetchsize") or FETCH_ROWS)}
    if not switched_on(options.get("enablepartitioningforsamplequery")):
        return Queries((parenthesised(query),), options=settings)
    if not _ENDS_IN_CONDITION.search(query):
        raise ValueError("With enablePartitioningForSampleQuery a sampleQuery must end in WHERE or AND.")
    size = int(options["samplesize"]) if options.get("samplesize") else None
    tables = [parenthesised(f"{query} {bucket}") for bucket in _buckets(vendor, options) or ["1 = 1"]]
    found = Queries(tuple(tables), options=settings, limit=size)
    return found if size is None else replace(found.first(size, vendor), options=settings)
