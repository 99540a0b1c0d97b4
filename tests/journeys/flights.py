"""The flights job on samples/: how it is set up, and what it must have written, read by readers that are not Spark."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import duckdb
from fastparquet import ParquetFile

from tests.journeys.installation import SAMPLES, Installation

JOB = "flight-delays"
ROWS = {1: 5331, 2: 4228, 3: 5197}
ROWS_WITH_APRIL = {**ROWS, 4: 2912}

# What the job must have made of the lake's own files, said in another engine's words.
_EXPECTED = """
    SELECT f.month::int AS month, f.day::int AS day, f.carrier, f.flight::int AS flight, f.origin,
           f.sched_dep_time::int AS scheduled, f.dep_delay::int AS delay, a.name AS airline
    FROM read_csv('{lake}/flights/**/*.csv', hive_partitioning = true, union_by_name = true, nullstr = '') f
    JOIN read_csv('{lake}/airlines/*.csv', header = true) a ON f.carrier = a.carrier
    WHERE f.dep_delay IS NOT NULL
"""
_WRITTEN = """
    SELECT month::int AS month, day, carrier, flight, origin, scheduled, delay, airline
    FROM read_parquet('{output}/**/*.parquet', hive_partitioning = true)
"""


def set_up(installation: Installation) -> None:
    """A lake, crawled into the database travel, and the job over it with its bookmark on."""
    installation.lay_out_lake()
    installation.run("database", "create", "travel")
    installation.run("crawl", installation.lake, "--database", "travel")
    create_job(installation)


def create_job(installation: Installation) -> None:
    script = SAMPLES / "jobs" / "flight_delays.py"
    given = ("-a", "--database=travel", "-a", f"--output_path=file://{installation.output}/", "--bookmark", "enable")
    installation.run("job", "create", JOB, script, *given)


def demand_rows(installation: Installation, output: Path, by_month: dict[int, int]) -> None:
    """Each departed flight of the lake is in `output` exactly once, as two readers see it."""
    with duckdb.connect() as reader:
        counted = reader.sql(f"SELECT month, count(*) FROM ({_WRITTEN.format(output=output)}) GROUP BY month")
        assert dict(counted.fetchall()) == by_month
        expected, written = _EXPECTED.format(lake=installation.lake), _WRITTEN.format(output=output)
        for one, other in ((expected, written), (written, expected)):
            assert reader.sql(f"({one}) EXCEPT ALL ({other})").fetchall() == []
    with ExitStack() as opened:  # fastparquet leaves its files open
        paths = sorted(map(str, output.rglob("*.parquet")))
        parts = ParquetFile(
            paths, root=str(output), open_with=lambda path, mode="rb": opened.enter_context(Path(path).open(mode))
        )
        frame = parts.to_pandas(columns=["carrier", "month"])
    assert frame.groupby(frame["month"].astype(int)).size().to_dict() == by_month
