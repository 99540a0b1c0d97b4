"""A plan's body as bytes: the changes to the catalog with what they stand on, packed. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

import msgspec

from catalog.changes import AlterTable, CatalogChange, Change
from catalog.model import Partition, StorageDescriptor, TableKey
from crawlers.model import Crawler
from crawlers.report import Report
from crawlers.surveys import Basis, Survey

_CHANGES = {kind.__name__: kind for kind in get_args(CatalogChange)}
_STEPS = {kind.__name__: kind for kind in get_args(Change)}
_encode = msgspec.json.Encoder(order="deterministic").encode
Packed = dict[str, Any]


@dataclass(frozen=True)
class PlanBody:
    """All of a plan: the definition it was made by, and what was found."""

    crawler: Crawler
    survey: Survey

    @property
    def report(self) -> Report:
        return self.survey.report


def encode_body(body: PlanBody) -> bytes:
    survey = body.survey
    packed = {
        "crawler": body.crawler,
        "report": survey.report,
        "changes": [_pack(change) for change in survey.changes],
        "bases": [[*key, basis] for key, basis in survey.bases.items()],
        "remembered": survey.remembered,
        "manifests": [[*key, folder] for key, folder in survey.manifests.items()],
    }
    return zlib.compress(_encode(packed), 1)


def decode_body(data: bytes) -> PlanBody:
    packed = msgspec.json.decode(zlib.decompress(data))
    bases: dict[TableKey, Basis] = {
        (database, name): msgspec.convert(basis, Basis) for database, name, basis in packed["bases"]
    }
    survey = Survey(
        report=msgspec.convert(packed["report"], Report),
        changes=tuple(_unpack(change) for change in packed["changes"]),
        bases=bases,
        remembered=msgspec.convert(packed["remembered"], dict[str, bytes]),
        manifests={(database, name): folder for database, name, folder in packed.get("manifests", ())},
    )
    return PlanBody(msgspec.convert(packed["crawler"], Crawler), survey)


def _pack(change: CatalogChange) -> Packed:
    packed: Packed = {"kind": type(change).__name__}
    for name in change.__dataclass_fields__:
        value = getattr(change, name)
        if isinstance(change, AlterTable) and name == "changes":
            packed[name] = [[type(step).__name__, msgspec.to_builtins(step)] for step in value]
        else:
            packed[name] = _pack_partitions(value) if name == "partitions" else msgspec.to_builtins(value)
    return packed


def _unpack(packed: Packed) -> CatalogChange:
    kind = _CHANGES[packed.pop("kind")]
    if "partitions" in packed:
        partitions = _unpack_partitions(packed.pop("partitions"))
        return replace(msgspec.convert(packed | {"partitions": []}, kind), partitions=partitions)  # type: ignore[no-any-return]
    if kind is AlterTable:
        steps = tuple(msgspec.convert(step, _STEPS[name]) for name, step in packed.pop("changes"))
        return AlterTable(changes=steps, **packed)
    return msgspec.convert(packed, kind)  # type: ignore[no-any-return]


def _pack_partitions(partitions: Iterable[Partition]) -> Packed:
    """A table's partitions mostly differ in their locations: the rest of their storage descriptors is kept once."""
    storages: dict[bytes, int] = {}
    rows = []
    for partition in partitions:
        key = _encode(replace(partition.storage, location=None))
        number = storages.setdefault(key, len(storages))
        created_at = partition.created_at.isoformat() if partition.created_at else None
        rows.append((partition.values, number, partition.storage.location, partition.parameters, created_at))
    return {"storages": [msgspec.Raw(key) for key in storages], "rows": rows}


def _unpack_partitions(packed: Packed) -> tuple[Partition, ...]:
    storages = msgspec.convert(packed["storages"], list[StorageDescriptor])
    return tuple(
        Partition(tuple(values), replace(storages[number], location=location), parameters, _instant(created_at))
        for values, number, location, parameters, created_at in packed["rows"]
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
