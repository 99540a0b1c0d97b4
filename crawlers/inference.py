"""Many schemas to one, and one schema to a table's columns. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from catalog.model import Column
from catalog.names import LONGEST_NAME, LONGEST_TYPE
from catalog.types import STRING, Array, HiveType, Map, Struct
from crawlers.formats import Field, Layout, Schema, csv
from crawlers.lattice import VOID, arrange, join_all, settle, shorten

MOST_COLUMNS = 10_000
_BY_POSITION = frozenset({csv.NAME})


def is_by_position(format_name: str) -> bool:
    """Whether readers find a column by its number rather than its name."""
    return format_name in _BY_POSITION


def merge(schemas: Sequence[Schema]) -> Schema:
    """The one schema of files with all of `schemas`, which are compatible; the first one's order and spelling lead."""
    first = schemas[0]
    if len(schemas) == 1:
        return first
    by_position = is_by_position(first.format)
    found: dict[str | int, list[Field]] = {}
    for schema in schemas:
        for place, field in enumerate(schema.fields):
            found.setdefault(place if by_position else field.name.lower(), []).append(field)
    fields = tuple(Field(same[0].name, _join([field.type for field in same])) for same in found.values())
    marks = frozenset[str]().union(*(schema.marks for schema in schemas))
    sources = tuple(dict.fromkeys(source for schema in schemas for source in schema.sources))
    classifiers = tuple(sorted({name for schema in schemas for name in schema.classifiers}))
    return Schema(first.format, first.traits, fields, marks, sources, classifiers)


def _join(kinds: list[HiveType]) -> HiveType:
    return kinds[0] if len(set(kinds)) == 1 else arrange(join_all(kinds), kinds)


def similarity(a: Schema, b: Schema) -> float:
    """Shared columns as a share of the larger schema's columns; nested fields count as columns of their own.

    A column is shared if its name (or, without a header, its place) and the kind of its type agree.
    """
    return _share(a, b, max)


def containment(a: Schema, b: Schema) -> float:
    """Like `similarity`, but as a share of the smaller schema: 1.0 if one only adds columns to the other."""
    return _share(a, b, min)


def _share(a: Schema, b: Schema, side: Callable[[int, int], int]) -> float:
    one, two = paths(a), paths(b)
    alike = _same_class if csv.is_nameless(a) else _alike
    shared = sum(1 for path, kind in one.items() if path in two and alike(kind, two[path]))
    return shared / side(len(one), len(two)) if one and two else 0.0


def paths(schema: Schema) -> dict[str, HiveType]:
    """Every column and nested field by its dotted, lower-cased path."""
    found: dict[str, HiveType] = {}
    for field in schema.fields:
        _collect(field.name.lower(), field.type, found)
    return found


def _collect(path: str, kind: HiveType, found: dict[str, HiveType]) -> None:
    found[path] = kind
    if isinstance(kind, Array):
        _collect_inner(path, kind.element, found)
    elif isinstance(kind, Map):
        _collect_inner(path, kind.value, found)
    else:
        _collect_inner(path, kind, found)


def _collect_inner(path: str, kind: HiveType, found: dict[str, HiveType]) -> None:
    if isinstance(kind, Struct):
        for name, inner in kind.fields:
            _collect(f"{path}.{name.lower()}", inner, found)


def _alike(a: HiveType, b: HiveType) -> bool:
    """Whether two types are of one kind. All scalars are: a column of numbers may turn out to hold a word."""
    nested = (Struct, Array, Map)
    if a == VOID or b == VOID:
        return True
    return type(a) is type(b) if isinstance(a, nested) or isinstance(b, nested) else True


def _same_class(a: HiveType, b: HiveType) -> bool:
    """Whether two types agree where there is no name to go by: both numbers, or both not."""
    return VOID in (a, b) or (a == STRING) == (b == STRING)


def key_names(keys: Iterable[str | None]) -> tuple[str, ...]:
    """The partition keys' column names: those of `k=v` folders; partition_0, partition_1, … for plain ones (None)."""
    names: Counter[str] = Counter()
    plain = 0
    for key in keys:
        if key is None:
            names[_unused(f"partition_{plain}", names)] += 1
            plain += 1
        else:
            names[_unused(clean_name(key, len(names)), names)] += 1
    return tuple(names)


def columns(schema: Schema, keys: tuple[str, ...], layout: Layout) -> tuple[tuple[Column, ...], list[str]]:
    """The table's data columns, and what the log should say of names that had to change.

    Names are lower-cased, and a second one of the same spelling gets `_1`. A column that is a partition key too is
    left out where readers go by name. Where they go by position (CSV) leaving it out would shift every column after
    it, so there it is renamed.
    """
    by_position = is_by_position(schema.format)
    found: list[Column] = []
    taken = Counter(keys)
    notes: list[str] = []
    for place, field in enumerate(schema.fields[:MOST_COLUMNS]):
        name = clean_name(field.name, place)
        if name in keys and not by_position:
            notes.append(f"column {name} is left out of the data columns: it is a partition key")
            continue
        unused = _unused(name, taken)
        if unused != field.name.lower():
            why = "it is a partition key" if name in keys else "the name is taken or cannot be kept"
            notes.append(f"column {field.name!r} is called {unused}: {why}")
        taken[unused] += 1
        kind = shorten(settle(field.type), LONGEST_TYPE)
        found.append(_column(unused, kind, layout))
    if len(schema.fields) > MOST_COLUMNS:
        notes.append(f"only the first {MOST_COLUMNS} of {len(schema.fields)} columns are kept")
    return tuple(found), notes


def _column(name: str, kind: HiveType, layout: Layout) -> Column:
    if layout.untyped and kind != STRING:
        return Column(name, "string", parameters={"inferredType": str(kind)})
    return Column(name, str(kind))


def clean_name(name: str, place: int) -> str:
    """`name` as a catalog column: lower-cased, without signs the catalog refuses or that split Hive's column lists."""
    cleaned = re.sub(r"[/,]", "_", "".join(sign if sign.isprintable() else "_" for sign in name.strip().lower()))
    return cleaned[:LONGEST_NAME] or f"col{place}"


def _unused(name: str, taken: Counter[str]) -> str:
    """The name, or that with the first number that is free; in `taken` is noted how far numbers were tried."""
    if name not in taken:
        return name
    short = name[: LONGEST_NAME - 6]
    while (numbered := f"{short}_{taken[name]}") in taken:
        taken[name] += 1
    return numbered
