"""Methods that name a partition by its text, such as `year=2013/month=1`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.hive.bindings import hive
from api.hive.session import Handler, Session
from catalog.errors import NotFound
from catalog.model import Table
from catalog.names import unescape_partition_value


def values_in(table: Table, name: str | None) -> tuple[str, ...]:
    """The values that the name gives to the table's keys, in their order; the keys may come in any, and in any case.

    Raises MetaException for no name, NotFound for one that lacks a key.
    """
    if not name:
        raise hive.MetaException(f"The name of a partition of {table.database}.{table.name} is empty.")
    found = {key.lower(): value for key, value in _pairs(name)}
    missing = [key for key in table.key_names if key not in found]
    if missing:
        raise NotFound(kind="Partition", name=f"{name} of table {table.database}.{table.name} (it lacks {missing[0]})")
    return tuple(found[key] for key in table.key_names)


def listed_values(table: Table, names: list[str] | None) -> Iterator[tuple[str, ...]]:
    """The values in each name that has exactly the table's keys in their order; the others name no partition."""
    for name in names or ():
        pairs = list(_pairs(name or ""))
        if tuple(key.lower() for key, _ in pairs) == table.key_names:
            yield tuple(value for _, value in pairs)


def _pairs(name: str) -> Iterator[tuple[str, str]]:
    """Keys and values; a part that is no `key=value` is passed over, as Hive does."""
    for part in name.split("/"):
        key, _, value = part.rpartition("=")
        if key and value:
            yield unescape_partition_value(key), unescape_partition_value(value)


def _to_values(_session: Session, call: Any) -> list[str]:
    return [value for _, value in _pairs(_given(call))]


def _to_spec(_session: Session, call: Any) -> dict[str, str]:
    return dict(_pairs(_given(call)))


def _given(call: Any) -> str:
    if call.part_name is None:
        raise hive.MetaException("The name of a partition is missing.")
    name: str = call.part_name
    return name


def _has_valid_characters(_session: Session, _call: Any) -> bool:
    """Every sign is: what a folder's name cannot hold is escaped."""
    return True


HANDLERS: dict[str, Handler] = {
    "partition_name_to_vals": _to_values,
    "partition_name_to_spec": _to_spec,
    "partition_name_has_valid_characters": _has_valid_characters,
}
