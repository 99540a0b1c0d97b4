"""Crawls the hostile files of the corpus, each alone and all together, and says what went wrong: python -m …"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Database, Origin
from crawlers.crawl import crawl
from crawlers.model import Crawler, Target
from tests.corpus import delimited, hostile
from tests.corpus.scoring import lay_out, score

MOST_SECONDS = 10.0
MOST_MEGABYTES = 512


def main(folder: Path) -> int:
    engine = connect(sqlite_url(folder / "catalog.db"))
    catalog = Catalog(engine, Origin("test"))
    faults = []
    cases = list(hostile.cases())
    lay_out(cases, folder / "alone")
    for case in cases:
        catalog.create_database(Database(case.name))
        began = perf_counter()
        report = crawl(Crawler(case.name, case.name, (Target(str(folder / "alone" / case.name)),)), catalog)
        if perf_counter() - began > MOST_SECONDS:
            faults.append(f"{case.name} took {perf_counter() - began:.1f} s")
        told = report.files.skipped.total + report.files.failed.total + len(report.tables)
        if not told:
            faults.append(f"{case.name} is neither a table nor reported")
        if case.format is None and report.tables:
            faults.append(f"{case.name} became a table: {report.tables[0].format} {report.tables[0].columns[:5]}")
    catalog.create_database(Database("lake"))
    sound = list(delimited.cases())[:8]
    scores, _ = score([*cases, *sound], folder / "lake", catalog)
    faults += [f"{each.case.name} lost its table beside the others" for each in scores[-8:] if each.format is None]
    peak = _peak_megabytes()
    if peak > MOST_MEGABYTES:
        faults.append(f"the crawls took {peak:.0f} MB")
    engine.dispose()
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) + f"peak memory: {peak:.0f} MB\n")
    return len(faults)


def _peak_megabytes() -> float:
    """Of this process alone: what getrusage tells begins with the peak of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
