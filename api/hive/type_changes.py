"""Which changes of a column's type a metastore takes: those after which a reader can still read what was written.

Hive's table of conversions, and besides a type that holds all values of the old one, such as a struct with one field
more. Columns are compared by name. Pure.
"""

from __future__ import annotations

from catalog import types
from catalog.changes import widens
from catalog.errors import InvalidType
from catalog.model import VIRTUAL_VIEW, Table

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_TEXT = ("string", "varchar", "char")
_BECOMES: dict[str, frozenset[str]] = {
    **{kind: frozenset((*_WHOLE[at:], "float", "double", "decimal", *_TEXT)) for at, kind in enumerate(_WHOLE)},
    "float": frozenset(("double", *_TEXT)),
    "double": frozenset(_TEXT),
    "decimal": frozenset(("decimal", "float", "double", *_TEXT)),
    **{kind: frozenset((*_TEXT, "double")) for kind in _TEXT},
    "date": frozenset(_TEXT),
    "timestamp": frozenset(_TEXT),
}


def lossy_changes(before: Table, after: Table) -> list[str]:
    """The columns of `after` that have a type which theirs in `before` does not turn into.

    None of a view, which has no values, nor of a table of Iceberg, whose own metadata say how its files are read.
    """
    if after.storage.columns is before.storage.columns:
        return []
    if after.table_type == VIRTUAL_VIEW or "iceberg" in {
        each.parameters.get("table_type", "").lower() for each in (before, after)
    }:
        return []
    old = {column.name.lower(): column.type for column in before.storage.columns}
    return [
        f"{column.name} from {was} to {column.type}"
        for column in after.storage.columns
        if (was := old.get(column.name.lower())) is not None and not turns_into(was, column.type)
    ]


def turns_into(old: str, new: str) -> bool:
    if old.lower() == new.lower():
        return True
    try:
        was = types.parse(old)
    except InvalidType:
        return True  # what it is can only get clearer
    try:
        now = types.parse(new)
    except InvalidType:
        return False
    return was == types.Primitive("void") or widens(old, new) or _word(now) in _BECOMES.get(_word(was), ())


def _word(kind: types.HiveType) -> str:
    """The type's name without what follows in brackets; nothing for a nested one."""
    return str(kind).partition("(")[0] if isinstance(kind, types.Primitive | types.Decimal | types.Text) else ""
