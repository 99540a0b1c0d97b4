"""Twenty days of a bookmarked job whose input comes late, changes and goes, and whose runs fail and are tried again.

Each version of a file (path, time of change, tag of its content) is read, and its line written, exactly once.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Protocol

import obstore
import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin
from crawlers.file_moves import file_names
from crawlers.listing import list_files
from crawlers.places import open_place
from crawlers.places.clocks import now_ms
from engine.engine import Engine
from engine.jobs.source_options import parse_options
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, OUTPUT_COMMIT, STAGED, Job, Outcome, Run
from engine.reads.publishing import settle, where_to_write
from engine.reads.selection import BAND_MS, FileSeen
from engine.running.runfiles import Clock, ReadRequest, plan_read
from engine.states import RunState
from tests.object_store import Bucket

HOUR = 3_600_000
DAYS = 20
NAMES = [f"part-{number}.csv" for number in range(8)]


class Store(Protocol):
    """Where the input lies."""

    place: str

    def write(self, name: str, text: str) -> None: ...
    def delete(self, name: str) -> None: ...
    def touch(self, name: str) -> None: ...
    def now(self, place: str) -> int: ...


class Disk:
    """A folder whose files change at a time that the test tells, up to a band before they are seen."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.folder, self.random = folder, random
        self.place = f"file://{folder}/"
        self.at_ms = 1_700_000_000_000
        folder.mkdir()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        self._date(path, self.random.choice((0, 0, BAND_MS // 2, BAND_MS - 60_000)))

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def touch(self, name: str) -> None:
        if (self.folder / name).exists():
            self._date(self.folder / name, 0)

    def _date(self, path: Path, late: int) -> None:
        self.at_ms += 1
        seconds = (self.at_ms - late) / 1000
        os.utime(path, (seconds, seconds))

    def now(self, place: str) -> int:
        return self.at_ms


class InBucket:
    """Objects, whose times are their store's."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket, self.place = bucket, bucket.uri("in/")
        bucket.put({"in/first.csv": "first"})

    def write(self, name: str, text: str) -> None:
        self.bucket.put({f"in/{name}": text})

    def delete(self, name: str) -> None:
        if f"in/{name}" in set(iter(self.bucket.keys())):
            self.bucket.delete(f"in/{name}")

    def touch(self, name: str) -> None:
        if f"in/{name}" in set(iter(self.bucket.keys())):
            text = obstore.get(self.bucket.store(), f"in/{name}").bytes().to_bytes()
            self.bucket.put({f"in/{name}": text})

    def now(self, place: str) -> int:
        return now_ms(place)


class Nightly:
    """The job: each run writes a line for each file that it reads, and stages its output."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.store = store
        self.database = connect(sqlite_url(folder / "catalog.db"))
        self.catalog, self.engine = Catalog(self.database, Origin("test")), Engine(self.database)
        self.out = f"file://{folder}/out/"
        arguments = {BOOKMARK_OPTION: BOOKMARK_ENABLE, OUTPUT_COMMIT: STAGED}
        self.engine.create_job(Job("nightly", "/n.py", arguments, max_concurrent_runs=9))
        self.writes = 0

    def begin(self) -> Run:
        run = self.engine.claim_run("w", run_id=self.engine.start_job_run("nightly").id)
        assert run is not None
        self.engine.begin_run(run.id, "w")
        return run

    def work(self, options: dict[str, str], end: str, clock: Clock) -> int:
        """One run that ends in a way named; how many files it selected."""
        run = self.begin()
        request = ReadRequest(paths=(self.store.place,), format="csv", context="in", options=parse_options(options))
        plan = plan_read(self.catalog, self.engine, run, request, clock)
        files = [file for group in plan.groups for file in group.files]
        if end != "fails before it writes":
            self.write(run, files)
        if end not in ("fails before it writes", "fails before it commits"):
            self.engine.commit_job(run.id)
        state = RunState.SUCCEEDED if end == "succeeds" else RunState.FAILED
        self.engine.finish_run(run.id, "w", Outcome(state))
        if self.writes % 2:  # else it is killed here, and the next run settles it
            settle(self.catalog, self.engine)
        return len(files)

    def write(self, run: Run, files: list[FileSeen]) -> None:
        folder = Path(where_to_write(self.engine, run, self.out).removeprefix("file://"))
        folder.mkdir(parents=True, exist_ok=True)
        self.writes += 1
        (folder / f"{run.id}.txt").write_text("".join(f"{version(file)}\n" for file in files))

    def lines(self) -> Counter[str]:
        settle(self.catalog, self.engine)
        folder = Path(self.out.removeprefix("file://"))
        return Counter(line for name in file_names(self.out) for line in (folder / name).read_text().splitlines())


def version(file: FileSeen) -> str:
    return f"{file.path} {file.modified_ms} {file.etag}"


def listed(place: str) -> set[str]:
    """The versions that lie in the place now."""
    opened = open_place(place)
    return {
        version(FileSeen(opened.root + each.name, each.size, each.modified_ms, each.etag))
        for folder in list_files(opened, ())
        for each in folder.files
    }


@pytest.fixture(params=["disk 1", "disk 2", "disk 3", "s3"])
def nightly(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Nightly, Random]]:
    kind, _, seed = str(request.param).partition(" ")
    random = Random(seed or "s3")
    store: Store = Disk(tmp_path / "in", random) if kind == "disk" else InBucket(request.getfixturevalue("bucket"))
    job = Nightly(tmp_path, store)
    yield job, random
    job.database.dispose()


def change(store: Store, random: Random) -> None:
    name = random.choice(NAMES)
    what = random.choice(("write", "write", "write", "touch", "delete"))
    if what == "write":
        store.write(name, f"page\n{random.randrange(10)}\n")
    elif what == "touch":
        store.touch(name)
    else:
        store.delete(name)


def set_back(clock: Clock, by_ms: int) -> Clock:
    return lambda place: clock(place) - by_ms


ENDS = ("succeeds", "succeeds", "fails before it writes", "fails before it commits", "fails after it has committed")
BOUNDS: tuple[dict[str, str], ...] = ({}, {}, {"boundedFiles": "2"}, {"boundedSize": "12"}, {"maxFilesInBand": "3"})


def test_each_version_of_a_file_is_read_exactly_once_in_twenty_days(nightly: tuple[Nightly, Random]) -> None:
    job, random = nightly
    expected: set[str] = set()
    for _ in range(DAYS):
        for _ in range(random.randrange(6)):
            change(job.store, random)
        back = random.choice((0, 0, 0, 2 * HOUR))  # a clock that is set back for one run
        end = ""
        while end != "succeeds":  # tried again until it does
            end, bounds = random.choice(ENDS), random.choice(BOUNDS)
            job.work(bounds, end, set_back(job.store.now, back))
            if random.random() < 0.3:
                change(job.store, random)
        before = listed(job.store.place)
        if not back and job.work({}, "succeeds", job.store.now) is not None:
            expected |= before & listed(job.store.place)
        assert set(job.lines().values()) <= {1}
        assert expected <= set(job.lines())
        if isinstance(job.store, Disk):
            job.store.at_ms += 24 * HOUR if random.random() < 0.7 else BAND_MS // 3
    while job.work({}, "succeeds", job.store.now):
        pass
    assert listed(job.store.place) <= set(job.lines())
    assert set(job.lines().values()) == {1}
    assert job.work({}, "succeeds", job.store.now) == 0
