"""Column names of lower-case letters, digits and underscores alone, as Athena takes them. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from catalog.model import Column, Table
from crawlers.drafts import Draft

_ODD = re.compile(r"[^a-z0-9_]")


def cleaned(draft: Draft) -> Draft:
    """The draft with clean names where readers find columns by position.

    Where they go by name another name would read as NULL: there it stays, and a note names it.
    """
    table = draft.table
    odd = [column.name for column in table.storage.columns if _ODD.search(column.name)]
    if not odd:
        return draft
    if not draft.by_position:
        note = f"{draft.format} is read by name, so columns keep theirs: {', '.join(odd[:10])}"
        return replace(draft, notes=(*draft.notes, note))
    notes = tuple(f"column {name!r} is called {_clean(name)}: names are to be clean" for name in odd[:10])
    columns = _renamed(table)
    storages = [
        replace(partition, storage=replace(partition.storage, columns=columns)) for partition in draft.partitions
    ]
    return replace(draft, table=table.with_columns(columns), partitions=tuple(storages), notes=(*draft.notes, *notes))


def _clean(name: str) -> str:
    return _ODD.sub("_", name)


def _renamed(table: Table) -> tuple[Column, ...]:
    taken = {key.name for key in table.partition_keys}
    columns = []
    for column in table.storage.columns:
        name, number = _clean(column.name), 1
        while name in taken:
            name, number = f"{_clean(column.name)}_{number}", number + 1
        taken.add(name)
        columns.append(replace(column, name=name))
    return tuple(columns)
