"""What a crawl found and would write, and on what that stands: whether the tables are still as they were. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from catalog.changes import CatalogChange
from catalog.model import Partition, Table, TableKey
from crawlers.report import Report

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True)
class Basis:
    """A table's token, and a hash of its partitions; no `created_at`: there was no such table."""

    token: int | None = None
    created_at: datetime | None = None
    partitions: str | None = None


@dataclass(frozen=True)
class Survey:
    """What a crawl found: the report, and the changes to write in their order.

    `bases`: in a dry run, what each table that changes was, before. `remembered` is what the next crawl is to know of
    each place; it is kept with the changes. `quiet`: nothing has changed since a crawl that left all in order.
    `manifests`: the folders of Delta tables that have the list of their files written when the changes are.
    """

    report: Report
    changes: tuple[CatalogChange, ...]
    bases: dict[TableKey, Basis]
    remembered: dict[str, bytes]
    quiet: bool = False
    manifests: dict[TableKey, str] = field(default_factory=dict)


def basis_of(table: Table | None, partitions: Sequence[Partition]) -> Basis:
    """`partitions` are all the table has, in any order."""
    return Basis() if table is None else Basis(table.token, table.created_at, hash_of(partitions))


def hash_of(partitions: Iterable[Partition]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for partition in sorted(partitions, key=lambda partition: partition.values):
        digest.update(_encode(partition))
    return digest.hexdigest()


def why_outdated(name: str, basis: Basis, now: Basis) -> str | None:
    """What has happened to the table since, in a few words; None if it is as it was."""
    if basis == now:
        return None
    if basis.created_at is None:
        return f"table {name} has been created meanwhile"
    if now.created_at is None:
        return f"table {name} is gone"
    if (basis.token, basis.created_at) != (now.token, now.created_at):
        return f"table {name} was changed meanwhile"
    return f"partitions of table {name} were changed meanwhile"
