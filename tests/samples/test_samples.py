"""The sample data and job scripts are what samples/README.md says they are."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
README = SAMPLES / "README.md"
JOBS = sorted((SAMPLES / "jobs").glob("*.py"))
LAKE_FLIGHTS = sorted((SAMPLES / "lake/flights").rglob("*.csv"))
LATER_FLIGHTS = sorted((SAMPLES / "grows/flights").rglob("*.csv"))
HEADER = [
    "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay", "carrier", "flight",
    "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute",
]  # fmt: skip


def table_under(heading: str) -> list[list[str]]:
    """The body of the README's table whose heading line is `heading`, as stripped cells without back-ticks."""
    lines = README.read_text(encoding="utf-8").splitlines()
    body = lines[lines.index(heading) + 2 :]
    end = next(i for i, line in enumerate(body) if not line.startswith("|"))
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in body[:end]]


SETS = table_under("| folder | files | rows | bytes |")
MONTHS = table_under("| month | flights | cancelled | rows out |")


def csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def json_records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def count_rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return pq.read_metadata(path).num_rows
    return len(json_records(path)) if path.suffix == ".json" else len(csv_rows(path)) - 1


def test_all_samples_together_are_smaller_than_three_megabytes() -> None:
    files = [path for path in SAMPLES.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 3_000_000


def test_the_readme_lists_every_folder_with_data() -> None:
    data = [path for root in ("lake", "grows") for path in (SAMPLES / root).rglob("*") if path.is_file()]
    assert {folder for folder, *_ in SETS} == {path.parent.relative_to(SAMPLES).as_posix() for path in data}


@pytest.mark.parametrize(("folder", "files", "rows", "size"), SETS)
def test_a_folder_has_the_files_rows_and_bytes_the_readme_says(folder: str, files: str, rows: str, size: str) -> None:
    paths = list((SAMPLES / folder).iterdir())
    facts = len(paths), sum(map(count_rows, paths)), sum(path.stat().st_size for path in paths)
    assert facts == (int(files), int(rows), int(size))


@pytest.mark.parametrize("path", LAKE_FLIGHTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_flights_file_of_the_lake_has_the_expected_header_and_even_rows(path: Path) -> None:
    header, *rows = csv_rows(path)
    assert header == HEADER
    assert {len(row) for row in rows} == {len(HEADER)}


@pytest.mark.parametrize("path", LATER_FLIGHTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_flights_file_that_arrives_later_ends_with_the_new_column_time_hour(path: Path) -> None:
    header, *rows = csv_rows(path)
    assert header == [*HEADER, "time_hour"]
    assert all(row[-1].startswith("2013-04-") for row in rows)


def test_the_lake_has_january_to_march_and_april_arrives_later() -> None:
    assert {path.parent.name for path in LAKE_FLIGHTS} == {"month=1", "month=2", "month=3"}
    assert {path.parent.name for path in LATER_FLIGHTS} == {"month=4"}


@pytest.mark.parametrize("path", [*LAKE_FLIGHTS, *LATER_FLIGHTS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_flights_file_holds_only_the_day_in_its_name(path: Path) -> None:
    assert {f"day-{int(row[0]):02}" for row in csv_rows(path)[1:]} == {path.stem}


@pytest.mark.parametrize(("month", "flights", "cancelled", "departed"), MONTHS)
def test_a_month_has_the_flights_and_cancellations_the_readme_says(
    month: str, flights: str, cancelled: str, departed: str
) -> None:
    paths = [path for path in [*LAKE_FLIGHTS, *LATER_FLIGHTS] if path.parent.name == f"month={month}"]
    delays = [row[HEADER.index("dep_delay")] for path in paths for row in csv_rows(path)[1:]]
    assert (len(delays), delays.count("")) == (int(flights), int(cancelled))
    assert int(flights) - int(cancelled) == int(departed)


def test_every_flight_belongs_to_exactly_one_airline_of_the_lookup() -> None:
    codes = [row[0] for row in csv_rows(SAMPLES / "lake/airlines/airlines.csv")[1:]]
    flown = {row[HEADER.index("carrier")] for path in [*LAKE_FLIGHTS, *LATER_FLIGHTS] for row in csv_rows(path)[1:]}
    assert len(codes) == len(set(codes))
    assert flown <= set(codes)


def test_weather_leaves_out_what_was_not_measured() -> None:
    records = [record for path in (SAMPLES / "lake/weather").iterdir() for record in json_records(path)]
    assert all(value is not None for record in records for value in record.values())
    assert len({frozenset(record) for record in records}) > 1


def test_planes_are_integers_and_strings_compressed_with_snappy() -> None:
    metadata = pq.read_metadata(SAMPLES / "lake/planes/planes.parquet")
    assert {str(field.type) for field in metadata.schema.to_arrow_schema()} == {"int32", "string"}
    assert metadata.row_group(0).column(0).compression == "SNAPPY"


def test_aircraft_mix_numbers_and_text_as_often_as_the_readme_says() -> None:
    records = json_records(SAMPLES / "lake/aircraft/aircraft.json")
    built = [record["built"] for record in records]
    delays = [flight["dep_delay"] for record in records for flight in record["flights"]]
    assert {type(value) for value in built} == {type(value) for value in delays} == {int, str}
    text = " ".join(README.read_text(encoding="utf-8").split())
    assert f'`"unknown"` ({built.count("unknown")} planes)' in text
    assert f'`"cancelled"` ({delays.count("cancelled")} of {len(delays)} flights)' in text


def test_there_are_two_job_scripts() -> None:
    assert [path.name for path in JOBS] == ["aircraft_flat.py", "flight_delays.py"]


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.name)
def test_a_job_script_compiles_initialises_its_job_and_ends_with_the_commit(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    compile(source, path.name, "exec")
    assert 'job.init(args["JOB_NAME"], args)' in source
    assert source.rstrip().endswith("\njob.commit()")
