"""The data of `benchmarks.dynamic_frame`: orders, as JSON lines, CSV and Parquet, of about as many megabytes as asked.

A block of distinct records is made once and repeated as further files; what repeats is never seen across files.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

BLOCK_RECORDS = 60_000
MIXED = 1_000  # one record in so many has a text where others have a number
_CITIES = ("Aarhus", "Bergen", "Cádiz", "Dijon", "Essen", "Faro", "Ghent", "Hull")
FLAT = ("id", "customer", "city", "amount", "quantity", "paid", "placed_at", "note")


def make(folder: Path, megabytes: int) -> None:
    """Folders json, mixed (with choices), nested (arrays in arrays), csv and parquet, each of about that size."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in _WRITERS.items():
        target = folder / name
        target.mkdir()
        first = target / f"part-0.{name}"
        write(first)
        for number in range(1, max(1, round(megabytes * 1_000_000 / first.stat().st_size))):
            shutil.copyfile(first, target / f"part-{number}.{name}")


def _orders(seed: int = 7) -> Iterator[dict[str, Any]]:
    luck = random.Random(seed)
    for number in range(BLOCK_RECORDS):
        yield {
            "id": number,
            "customer": f"C{luck.randrange(20_000):05d}",
            "city": luck.choice(_CITIES),
            "amount": round(luck.random() * 1_000, 2),
            "quantity": luck.randrange(1, 50),
            "paid": luck.random() < 0.7,
            "placed_at": f"2026-{luck.randrange(1, 13):02d}-{luck.randrange(1, 29):02d} 10:{luck.randrange(60):02d}:00",
            "note": "".join(luck.choices("abcdefghij klmnop", k=40)),
        }


def _json(target: Path) -> None:
    target.write_text("".join(json.dumps(order) + "\n" for order in _orders()))


def _mixed(target: Path) -> None:
    """`quantity` is a text and `amount` a struct in a few records."""

    def mixed(order: dict[str, Any]) -> dict[str, Any]:
        if order["id"] % MIXED == 0:
            return {**order, "quantity": str(order["quantity"]), "amount": {"value": order["amount"], "in": "EUR"}}
        return order

    target.write_text("".join(json.dumps(mixed(order)) + "\n" for order in _orders()))


def _nested(target: Path) -> None:
    """Each order with two items, each item with two taxes."""

    def nested(order: dict[str, Any]) -> dict[str, Any]:
        items = [
            {"sku": f"S{order['id'] % 977}-{at}", "price": 1.5 + at, "taxes": [{"code": "A", "rate": 0.2}] * 2}
            for at in range(2)
        ]
        return {"id": order["id"], "customer": order["customer"], "city": order["city"], "items": items}

    target.write_text("".join(json.dumps(nested(order)) + "\n" for order in _orders()))


def _csv(target: Path) -> None:
    """Without a header; `quantity` is no number in a few lines."""
    lines = (
        ",".join(str("n/a" if name == "quantity" and order["id"] % MIXED == 0 else order[name]) for name in FLAT)
        for order in _orders()
    )
    target.write_text("\n".join(lines) + "\n")


def _parquet(target: Path) -> None:
    parquet.write_table(pa.Table.from_pylist(list(_orders())), target, row_group_size=BLOCK_RECORDS // 2)


_WRITERS = {"json": _json, "mixed": _mixed, "nested": _nested, "csv": _csv, "parquet": _parquet}
