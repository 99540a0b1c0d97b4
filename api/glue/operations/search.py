"""SearchTables: by the catalog's own search index, or all tables, narrowed by properties and sorted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

import msgspec

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid
from api.glue.shapes.tables import table_shape
from catalog.model import Table
from catalog.paging import Listing
from catalog.search.search import Narrowing

_Key = tuple[str, str]  # what is sorted by, and the table's full name
_LISTING: Listing[_Key | None] = Listing(
    "searched tables",
    None,
    read=lambda text: msgspec.json.decode(text, type=tuple[str, str]),
    write=lambda key: msgspec.json.encode(key).decode(),
)
_TABLES = Narrowing(kinds=("TABLE",))
_TEXTS: dict[str, Callable[[Table], list[str | None]]] = {
    "name": lambda table: [table.name],
    "databasename": lambda table: [table.database],
    "description": lambda table: [table.description],
    "owner": lambda table: [table.owner],
    "tabletype": lambda table: [table.table_type],
    "location": lambda table: [table.storage.location],
    "columns": lambda table: [column.name for column in table.all_columns],
    "column": lambda table: [column.name for column in table.all_columns],
}
_TIMES: dict[str, Callable[[Table], datetime | None]] = {
    "createtime": lambda table: table.created_at,
    "updatetime": lambda table: table.updated_at,
    "lastaccesstime": lambda table: table.last_accessed_at,
}
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "EQUALS": lambda one, other: one == other,
    "GREATER_THAN": lambda one, other: one > other,
    "LESS_THAN": lambda one, other: one < other,
    "GREATER_THAN_EQUALS": lambda one, other: one >= other,
    "LESS_THAN_EQUALS": lambda one, other: one <= other,
}


def search_tables(call: Call) -> Shape:
    """In the order asked for; else those found by a text the best first, and all tables by their names."""
    asked, limit = call.asked, call.asked.get("MaxResults", 100)
    fits = [_filter(each) for each in asked.get("Filters", ())]
    if asked.get("SearchText") and not asked.get("SortCriteria"):
        found, token = _found(call, asked["SearchText"], fits, limit)
        return {"TableList": [table_shape(table, call.account) for table in found], "NextToken": token}
    key, descending = _order(asked)
    tables = _hits(call, asked["SearchText"]) if asked.get("SearchText") else _all(call)
    keyed = sorted(((key(each), each) for each in tables if _fits(each, fits)), key=_by_key, reverse=descending)
    after = _LISTING.after(asked.get("NextToken"))
    later = [each for each in keyed if after is None or (each[0] < after if descending else each[0] > after)]
    page = _LISTING.page(list(islice(later, limit + 1)), limit, _by_key)
    return {"TableList": [table_shape(table, call.account) for _, table in page.items], "NextToken": page.next_token}


def _found(call: Call, text: str, fits: list[Callable[[Table], bool]], limit: int) -> tuple[list[Table], str | None]:
    """The best hits that fit, and the token of what follows them."""
    found: list[Table] = []
    token = call.asked.get("NextToken")
    while len(found) < limit:
        page = call.catalog.search(text, _TABLES, limit - len(found), token)
        found += [hit.thing for hit in page.items if isinstance(hit.thing, Table) and _fits(hit.thing, fits)]
        token = page.next_token
        if token is None:
            break
    return found, token


def _hits(call: Call, text: str) -> Iterator[Table]:
    token: str | None = None
    while True:
        page = call.catalog.search(text, _TABLES, 1_000, token)
        yield from (hit.thing for hit in page.items if isinstance(hit.thing, Table))
        token = page.next_token
        if token is None:
            return


def _all(call: Call) -> Iterator[Table]:
    return chain.from_iterable(call.catalog.iter_tables(each.name) for each in call.catalog.iter_databases())


def _fits(table: Table, fits: list[Callable[[Table], bool]]) -> bool:
    return all(fit(table) for fit in fits)


def _filter(predicate: Shape) -> Callable[[Table], bool]:
    """A text fits a property if it is the whole of it, or one of its words; a comparator compares times.

    Raises Invalid for a comparison that is none.
    """
    name, value = predicate.get("Key", ""), predicate.get("Value", "")
    if (timed := _TIMES.get(name.lower())) is not None:
        wanted, compare = _instant(value), _COMPARED[predicate.get("Comparator", "EQUALS")]
        return lambda table: (at := timed(table)) is not None and compare(at.timestamp(), wanted)
    texts = _TEXTS.get(name.lower()) or (lambda table: [table.parameters.get(name)])
    wanted_text = value.lower()
    return lambda table: any(_has(text, wanted_text) for text in texts(table))


def _has(text: str | None, wanted: str) -> bool:
    if text is None:
        return False
    return text.lower() == wanted or wanted in re.split(r"[\W_]+", text.lower())


def _instant(text: str) -> float:
    try:
        return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError) as error:
        raise Invalid(f"The time {text[:40]!r} cannot be read; write seconds since 1970, or ISO 8601.") from error


def _order(asked: Shape) -> tuple[Callable[[Table], _Key], bool]:
    criterion: Any = next(iter(asked.get("SortCriteria", ())), {})
    field = criterion.get("FieldName", "Name").lower()
    descending = criterion.get("Sort") == "DESC"
    if field in _TIMES:
        timed = _TIMES[field]
        return lambda table: (_sortable(timed(table)), _full_name(table)), descending
    if field not in _TEXTS:
        raise Invalid(f"Tables cannot be sorted by {criterion['FieldName'][:100]!r}.")
    texts = _TEXTS[field]
    return lambda table: ((texts(table) or [""])[0] or "", _full_name(table)), descending


def _sortable(at: datetime | None) -> str:
    return f"{at.timestamp():020.6f}" if at else ""


def _full_name(table: Table) -> str:
    return f"{table.database}/{table.name}"


def _by_key(keyed: tuple[_Key, Table]) -> _Key:
    return keyed[0]


OPERATIONS: dict[str, Operation] = {"SearchTables": search_tables}
