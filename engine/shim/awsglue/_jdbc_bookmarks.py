"""Bookmarks of a database's rows: which a run reads, by columns that only grow (or only shrink).

The upper bound is asked for before anything is read: rows that come during the run are for the next one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import types as spark

from awsglue._jdbc_queries import Queries, parenthesised
from awsglue._jdbc_vendors import Vendor
from awsglue._service import Service

_TAGS: dict[type[spark.DataType], str] = {
    spark.ByteType: "long",
    spark.ShortType: "long",
    spark.IntegerType: "long",
    spark.LongType: "long",
    spark.DecimalType: "decimal",
    spark.FloatType: "double",
    spark.DoubleType: "double",
    spark.StringType: "string",
    spark.DateType: "date",
    spark.TimestampType: "timestamp",
    spark.TimestampNTZType: "timestamp",
}
_NUMBERS = ("long", "decimal", "double")
_TABLE = re.compile(r"""(\w+|"[^"']+"|`[^`']+`)(\.(\w+|"[^"']+"|`[^`']+`))*""")
Read = Callable[[Queries], DataFrame]


@dataclass(frozen=True)
class Keys:
    """The columns, as the store's SQL names them, whose values together tell a later row from an earlier one."""

    vendor: Vendor
    columns: tuple[str, ...]
    descending: bool = False

    def after(self, last: Sequence[str]) -> str:
        """The condition that a row comes after `last`."""
        return self._beyond(last, "<" if self.descending else ">", "")

    def up_to(self, last: Sequence[str]) -> str:
        """The condition that a row is `last` or comes before it."""
        return self._beyond(last, ">" if self.descending else "<", "=")

    def _beyond(self, last: Sequence[str], sign: str, or_equal: str) -> str:
        """A comparison by the first column, among equals by the second, and so on."""
        values = [literal(self.vendor, text) for text in last]
        ways = []
        for at, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            same = [f"{self.columns[before]} = {values[before]}" for before in range(at)]
            last_sign = sign + (or_equal if at == len(values) - 1 else "")
            ways.append(" AND ".join([*same, f"{column} {last_sign} {value}"]))
        return f"({' OR '.join(f'({way})' for way in ways)})"


def keys_of(vendor: Vendor, options: Mapping[str, Any]) -> Keys | None:
    """Of folded options: jobBookmarkKeys, a list or names with commas; None without. ValueError for a sort order."""
    given = options.get("jobbookmarkkeys")
    names = [each.strip() for each in given.split(",")] if isinstance(given, str) else list(given or ())
    order = str(options.get("jobbookmarkkeyssortorder") or "asc").lower()
    if order not in ("asc", "desc"):
        raise ValueError(f"jobBookmarkKeysSortOrder is {order!r}: it is asc or desc.")
    return Keys(vendor, tuple(vendor.column(name) for name in names), order == "desc") if names else None


def default_keys(vendor: Vendor, queries: Queries, read: Read) -> Keys | None:
    """The primary key of the table read, where it is one column that the database numbers itself; else None."""
    [table] = queries.tables[:1]
    if not vendor.numbered or len(queries.tables) > 1 or not _TABLE.fullmatch(table):
        return None
    found = [row[0] for row in read(Queries((parenthesised(vendor.numbered.format(table=table)),))).collect()]
    return Keys(vendor, (vendor.quoted(found[0]),)) if found and found[0] else None


def unread(
    service: Service, transformation_ctx: str, source: str, keys: Keys | None, queries: Queries, read: Read,
    vendor: Vendor,
) -> Queries:  # fmt: skip
    """The rows of a source that the job's bookmark leaves to read, of which the service is told.

    All of them where the run has no bookmarks, or the source has no keys to tell its rows by.
    """
    if keys is None:
        if service.run().get("bookmark") in (None, "job-bookmark-disable"):
            return queries
        keys = default_keys(vendor, queries, read)
        if keys is None:
            print(f"{source} has no jobBookmarkKeys, so all its rows are read in each run.", file=sys.stderr)
            return queries
        print(f"{source} has no jobBookmarkKeys; its bookmark goes by its primary key {keys.columns[0]}.",
              file=sys.stderr)  # fmt: skip
    planned = service.key_plan(transformation_ctx, keys.columns, keys.descending)
    if not planned.tracked:
        return queries
    rest = queries if planned.after is None else queries.where(keys.after(planned.after))
    upto = planned.upto or last_row(keys, rest, read)
    service.keys_read(transformation_ctx, source, keys.columns, keys.descending, upto)
    return rest.where("1 = 0" if upto is None else keys.up_to(upto))


def last_row(keys: Keys, queries: Queries, read: Read) -> tuple[str, ...] | None:
    """The keys of the row that comes last, each as a text that says its type; None if there is no row.

    TypeError for a key of a type that has no order here.
    """
    [table] = queries.tables
    types = read(Queries((_selected(keys.columns, table, "1 = 0"),))).schema.fields
    tags = [_tag(column, field.dataType) for column, field in zip(keys.columns, types, strict=True)]
    # an instant is asked for as text: on its way through Spark it would be taken for one of another time zone
    shown = [
        keys.vendor.instant_text.format(column=column) if tag == "timestamp" else column
        for column, tag in zip(keys.columns, tags, strict=True)
    ]
    named = [f"{expression} AS key_{at}" for at, expression in enumerate(shown)]
    known = " AND ".join(f"{column} IS NOT NULL" for column in keys.columns)
    order = ", ".join(f"{column} {'ASC' if keys.descending else 'DESC'}" for column in keys.columns)
    ordered = keys.vendor.first_of(", ".join(named), f"{table} WHERE {known} ORDER BY {order}", 1)
    found = read(Queries((f"({ordered}) isinglass_last",))).collect()
    return tuple(f"{tag}:{value}" for tag, value in zip(tags, found[0], strict=True)) if found else None


def _selected(columns: Sequence[str], table: str, condition: str) -> str:
    return f"(SELECT {', '.join(columns)} FROM {table} WHERE {condition}) isinglass_keys"  # noqa: S608 - as the script names them


def _tag(column: str, type: spark.DataType) -> str:
    tag = _TAGS.get(type.__class__)
    if tag is None:
        raise TypeError(f"jobBookmarkKeys: {column} is of the type {type.simpleString()}, which has no order here.")
    return tag


def literal(vendor: Vendor, text: str) -> str:
    """A key's text as the store's SQL. ValueError for a text that is none."""
    tag, colon, value = text.partition(":")
    if not colon or tag not in _TAGS.values():
        raise ValueError(f"The bookmark's key {text!r} is not readable; reset the job's bookmark.")
    if tag in _NUMBERS:
        return str(float(value)) if tag == "double" else str(_number(value))
    quoted = value.replace("'", "''")
    if vendor.backslashes:
        quoted = quoted.replace("\\", "\\\\")
    return (vendor.instant if tag == "timestamp" else vendor.day if tag == "date" else "'{value}'").format(value=quoted)


def _number(text: str) -> str:
    """A number's text, of which it is certain that it is one: it becomes a part of SQL."""
    return format(Decimal(text), "f")
