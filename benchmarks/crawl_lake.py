"""The lake of the crawl benchmark: 20 tables (7 CSV, 7 JSON, 6 Parquet), 2,000 partitions, 20,000 files of 20 rows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

TABLES = {"csv": 7, "json": 7, "parquet": 6}
PARTITIONS = 100  # of a table
FILES = 10  # of a partition
ROWS = 20
LONG = 1_000  # rows of a long file
COUNT = sum(TABLES.values()) * PARTITIONS * FILES


def build(folder: Path, files: int = FILES) -> None:
    """Write the lake; the same bytes for the same number of `files` a partition."""
    for kind, tables in TABLES.items():
        for number in range(tables):
            for partition in partitions():
                place = folder / f"{kind}_{number}" / partition
                place.mkdir(parents=True)
                for part in range(files):
                    seed = f"{kind}/{number}/{partition}/{part}"
                    (place / f"part-{part:05}.{kind}").write_bytes(WRITERS[kind](Random(seed)))


def build_long(folder: Path) -> None:
    """Two tables, one of CSV and one of JSON, of 1,000 files of 1,000 rows each: what is in the files is the work."""
    for kind in ("csv", "json"):
        bodies = [WRITERS[kind](Random(f"{kind}/{number}"), LONG) for number in range(20)]
        for number in range(25):
            place = folder / f"{kind}_long" / f"day={number}"
            place.mkdir(parents=True)
            for part in range(40):
                (place / f"part-{part:05}.{kind}").write_bytes(bodies[(number + part) % len(bodies)])


def partitions() -> Iterator[str]:
    for number in range(PARTITIONS):
        yield f"year={2020 + number // 50}/month={number % 50 // 5 + 1}/day={number % 5 + 1}"


def _rows(random: Random, rows: int) -> list[dict[str, object]]:
    return [
        {
            "id": random.randint(1, 10**12),
            "name": f"name {random.randint(1, 9999)}",
            "amount": random.randint(1, 10**6) / 100 + 0.001,
            "quantity": random.randint(1, 100),
            "placed": f"2024-0{random.randint(1, 9)}-1{random.randint(0, 9)}",
            "city": random.choice(["Oslo", "Paris", "Quito", "Rome"]),
            "score": random.random() * 10,
            "note": "x" * random.randint(1, 30),
        }
        for _ in range(rows)
    ]


def _csv(random: Random, rows: int = ROWS) -> bytes:
    found = _rows(random, rows)
    lines = [",".join(found[0]), *(",".join(map(str, row.values())) for row in found)]
    return ("\n".join(lines) + "\n").encode()


def _json(random: Random, rows: int = ROWS) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in _rows(random, rows)).encode()


def _parquet(random: Random, rows: int = ROWS) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_rows(random, rows)), out)
    return out.getvalue()


WRITERS: dict[str, Callable[..., bytes]] = {"csv": _csv, "json": _json, "parquet": _parquet}
