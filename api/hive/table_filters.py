"""Tables by a filter on their owner, last access or parameters: `hive_filter_field_params__table_type = "ICEBERG"`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, assert_never

from api.hive.bindings import hive
from api.hive.identifiers import database_name
from api.hive.session import Handler, Session
from api.hive.translate import seconds
from catalog import patterns, predicates
from catalog.model import Table
from catalog.predicate_texts import parse
from catalog.predicates import And, Compare, In, IsNull, Like, Not, Or, Predicate

_FIELD = "hive_filter_field_"
_OWNER, _ACCESS, _PARAMETER = f"{_FIELD}owner__", f"{_FIELD}last_access__", f"{_FIELD}params__"
_KEY = re.compile(rf"{_FIELD}\w+(?:[.-]\w+)*")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _get_table_names_by_filter(session: Session, call: Any) -> list[str]:
    """Names in their order; of a missing database none, and all for an empty filter. Raises InvalidPredicate."""
    if call.filter is None:
        raise hive.InvalidOperationException("The filter is missing.")
    catalog, database = session.catalog, database_name(call.dbname)
    fits = _reader(call.filter) if call.filter else lambda _: True
    if catalog.find_database(database) is None:
        return []
    most = None if call.max_tables is None or call.max_tables < 0 else call.max_tables
    return list(islice((table.name for table in catalog.iter_tables(database) if fits(table)), most))


def _reader(text: str) -> Callable[[Table], bool]:
    """Whether a table fits `text`. Raises InvalidPredicate; MetaException for what its fields cannot be asked."""
    spelled = {key.lower(): key for key in _KEY.findall(text)}
    tree = parse(text, list(spelled))
    _check(tree, spelled)
    return lambda table: _holds(tree, lambda key: _value(table, spelled[key]))


def _check(tree: Predicate, spelled: dict[str, str]) -> None:
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                _check(part, spelled)
        case Not(inner):
            _check(inner, spelled)
        case _:
            key = spelled[tree.key]
            sign = tree.operator if isinstance(tree, Compare) else type(tree).__name__
            if not key.startswith((_OWNER, _ACCESS, _PARAMETER)):
                raise hive.MetaException(f"A table's filter knows {_OWNER}, {_ACCESS} and {_PARAMETER}…, not {key}.")
            if key.startswith(_PARAMETER) and sign not in ("=", "!=", "In", "Like"):
                raise hive.MetaException(f"A table's parameter can be compared by =, !=, <> and LIKE, not by {sign}.")
            if key == _ACCESS and sign == "Like":
                raise hive.MetaException("The time of the last access is a number and cannot be compared by LIKE.")


def _value(table: Table, key: str) -> str | int | None:
    if key == _OWNER:
        return table.owner
    if key == _ACCESS:
        return seconds(table.last_accessed_at)
    return table.parameters.get(key.removeprefix(_PARAMETER))


def _holds(tree: Predicate, value: Callable[[str], str | int | None]) -> bool:
    """What is not there fits no comparison, not even `!=`."""
    match tree:
        case And(parts):
            return all(_holds(part, value) for part in parts)
        case Or(parts):
            return any(_holds(part, value) for part in parts)
        case Not(inner):
            return not _holds(inner, value)
        case IsNull(key):
            return value(key) is None
        case In(key, literals):
            return any(_compared("=", value(key), text) for text in literals)
        case Like(key, pattern):
            found = value(key)
            return isinstance(found, str) and re.match(patterns.expression(pattern), found) is not None
        case Compare(key, sign, text):
            return _compared(sign, value(key), text)
        case _:
            assert_never(tree)


def _compared(sign: str, found: str | int | None, text: str) -> bool:
    if found is None:
        return False
    if isinstance(found, int):
        return predicates.is_number(text) and _COMPARISONS[sign](found, float(text))
    return _COMPARISONS[sign](found, text)


HANDLERS: dict[str, Handler] = {"get_table_names_by_filter": _get_table_names_by_filter}
