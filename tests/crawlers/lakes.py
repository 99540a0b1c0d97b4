"""Small lakes that tests lay out, and ways to ask what a crawl made of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.catalog import Catalog
from catalog.model import Partition, Table
from crawlers.model import Crawler, Target
from crawlers.report import Report, TableReport


def put(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())


def parquet(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def crawler(lake: Path, **changes: object) -> Crawler:
    return replace(Crawler("c", "lake", (Target(str(lake)),)), **changes)  # type: ignore[arg-type]


def types_of(table: Table) -> dict[str, str]:
    return {column.name: column.type for column in table.storage.columns}


def only(report: Report) -> TableReport:
    (table,) = report.tables
    return table


def partitions(catalog: Catalog, table: str) -> dict[tuple[str, ...], Partition]:
    return {partition.values: partition for partition in catalog.iter_partitions("lake", table)}


FLIGHTS = {
    f"flights/year={year}/month={month}/part-0.parquet": parquet(id=[1, 2], delay=[0.5, None])
    for year in (2013, 2014)
    for month in (1, 2)
}
EVENTS = '{"id": 1, "who": {"name": "ann"}}\n{"id": 2, "tags": ["a"]}\n'
SALES = "id,item,price\n1,pen,2.5\n2,ink,3\n"
