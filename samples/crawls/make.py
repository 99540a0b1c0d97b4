"""Make sample tables out of the lake: `make.py sqlite FILE`, `make.py delta FOLDER` or `make.py iceberg WAREHOUSE`."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

LAKE = Path(__file__).parents[1] / "lake"


def planes() -> pa.Table:
    return pq.read_table(LAKE / "planes/planes.parquet")


def make_sqlite(place: str) -> None:
    from sqlalchemy import Engine, create_engine

    engine: Engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE airlines (carrier CHAR(2) PRIMARY KEY, name VARCHAR(40) NOT NULL)")
        connection.exec_driver_sql("CREATE TABLE planes (tailnum VARCHAR(6) PRIMARY KEY, year INTEGER, seats INTEGER)")
        connection.exec_driver_sql("CREATE VIEW large AS SELECT tailnum FROM planes WHERE seats > 300")
        airlines = pyarrow.csv.read_csv(LAKE / "airlines/airlines.csv").to_pylist()
        connection.exec_driver_sql("INSERT INTO airlines VALUES (:carrier, :name)", airlines)
        few = planes().select(["tailnum", "year", "seats"]).to_pylist()
        connection.exec_driver_sql("INSERT INTO planes VALUES (:tailnum, :year, :seats)", few)
    engine.dispose()


def make_delta(place: str) -> None:
    from deltalake import write_deltalake

    write_deltalake(place, planes(), partition_by=["engines"])


def make_iceberg(place: str) -> None:
    from pyiceberg.catalog.sql import SqlCatalog

    warehouse = SqlCatalog("samples", uri="sqlite://", warehouse=f"file://{place}")
    warehouse.create_namespace("registry")
    warehouse.create_table("registry.planes", planes().schema).append(planes())
    warehouse.close()


if __name__ == "__main__":
    kind, place = sys.argv[1:]
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    {"sqlite": make_sqlite, "delta": make_delta, "iceberg": make_iceberg}[kind](place)
