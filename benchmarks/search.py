"""A search of a large catalog, on SQLite and on PostgreSQL, beside a scan of the definitions by LIKE.

    python -m benchmarks.search [--tables 10000] [--own-columns]

Tables have 50 columns, which a hundred of them share; with --own-columns none does: 500,000 names of three words out of
1,500. Works in build/bench-search, which it makes anew. Times are wall: PostgreSQL works in processes of its own.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.goals import Fact, Line, say, show
from benchmarks.graphql_lake import fill
from benchmarks.measure import cost_of, median_cost
from benchmarks.peers.postgresql import postgresql
from catalog.catalog import Catalog
from catalog.changes import CreateTable
from catalog.db import connect, reading, sqlite_url
from catalog.model import Column, Database, Origin, StorageDescriptor, Table

FOLDER = Path(__file__).parents[1] / "build" / "bench-search"
TIMES, MOST_MS = 9, 50
SHARED = ["table_00042", "table", "tabel 00042", "c12", "c12_3", "what column 7", "parquet", "lake", "00", "absent"]
OWN = ["sales_00042", "sales", "slaes 00042", "wa", "{0}", "{0}_{1}_{2}", "{0} {3}", "{4:.4}", "lake", "absent"]
# What there would be without an index: the first page of all whose name or definition holds the text.
SCAN = text("""
    SELECT t.name FROM tables t JOIN table_versions v ON v.table_id = t.id AND v.version = t.version
    WHERE t.name LIKE :like OR v.body LIKE :like ORDER BY t.name LIKE :like DESC, t.name LIMIT 50""")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--own-columns", action="store_true")
    given = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    found = list(_measure("SQLite", sqlite_url(FOLDER / "catalog.db"), given.tables, given.own_columns))
    with postgresql(FOLDER) as (url, _):
        found += _measure("PostgreSQL", url, given.tables, given.own_columns)
    show(found)


def _measure(database: str, url: str, tables: int, own_columns: bool) -> Iterator[Line | Fact]:
    say(f"filling a catalog with {tables:,} tables on {database} …")
    catalog = Catalog(connect(url), Origin("bench"))
    if own_columns:
        vocabulary = _fill_own(catalog, tables)
    else:
        fill(catalog, tables, ())
        vocabulary = []
    say("searching …")
    first = cost_of(lambda: catalog.search("absent"))
    yield Fact(f"{database}: first search, which builds the index: ms a table", first.wall * 1000 / tables, 2)
    for wanted in (each.format(*vocabulary) for each in (OWN if own_columns else SHARED)):
        ours = median_cost(partial(catalog.search, wanted, limit=50), TIMES)
        scan = median_cost(partial(_scan, catalog, wanted), 3)
        yield Line(f"{database}: {wanted}", ours, "scan by LIKE", scan, 1, "wall")
        yield Fact(f"{database}: {wanted}: ms", ours.wall * 1000, MOST_MS)
    after = []
    for number in range(TIMES):
        late = Table("bench", f"late_{number}", StorageDescriptor((Column(f"late_{number}", "int"),)))
        catalog.create_table(late)
        after.append(cost_of(lambda: catalog.search("late", limit=50)).wall)
    yield Fact(f"{database}: a search after a table was created: ms", statistics.median(after) * 1000, MOST_MS)
    catalog.engine.dispose()


def _scan(catalog: Catalog, wanted: str) -> None:
    with reading(catalog.engine) as connection:
        connection.execute(SCAN, {"like": f"%{wanted}%"}).all()


def _fill_own(catalog: Catalog, tables: int) -> list[str]:
    """The words that the columns' names are made of."""
    chance = random.Random(7)
    syllables = [a + b for a in "bcdfglmnprstw" for b in "aeiou"]
    vocabulary = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(1_500)]
    catalog.create_database(Database("bench"))
    for begin in range(0, tables, 500):
        catalog.apply([CreateTable(_own_table(number, vocabulary, chance)) for number in range(begin, begin + 500)])
    return vocabulary


def _own_table(number: int, vocabulary: list[str], chance: random.Random) -> Table:
    names = {"_".join(chance.choices(vocabulary, k=3)): None for _ in range(50)}
    columns = tuple(Column(name, "string", f"the {' '.join(chance.choices(vocabulary, k=4))}") for name in names)
    return Table("bench", f"sales_{number:05}", StorageDescriptor(columns, f"s3://lake/sales_{number:05}"))


if __name__ == "__main__":
    main()
