"""Upkeep: tells of runs that take long, and now and then removes what is not to be kept, in small steps, and takes into
the search index what has changed.

A step may be repeated, by this process or another: rows go before the files that belong to them, so that what a kill
leaves behind are files without a row, which the next round removes.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import structlog

from catalog.catalog import Catalog
from catalog.errors import StoreUnavailable
from engine.engine import Engine
from engine.ledger.retention import AT_LEAST, AT_ONCE, Keep
from engine.ledger.runs import PREFIXES

TICK_SECONDS = 5.0
PRUNE_SECONDS = 3_600.0
_ASIDE = ".gone-"
_OF_RUNS = (*PREFIXES.values(), _ASIDE)

log = structlog.get_logger()


@dataclass(frozen=True)
class Pruned:
    """How many went, or would: `records` are fires, workflow runs and events without a run."""

    runs: int = 0
    records: int = 0
    bookmarks: int = 0
    folders: int = 0
    layers: int = 0


def prune(engine: Engine, home: Path, keep: Keep, dry_run: bool = False) -> Pruned:
    """Remove what is not to be kept from the database, and from the folders `runs` and `layers` of the home."""
    acting = engine.rehearsing() if dry_run else engine
    return Pruned(
        engine.count_prunable_runs(keep) if dry_run else _prune_runs(engine, home / "runs", keep),
        acting.prune_fires(keep),
        acting.prune_bookmarks(keep),
        _remove(_stale_folders(engine, home / "runs", keep), dry_run),
        _remove(_stale_layers(engine, home / "layers", keep), dry_run),
    )


def _prune_runs(engine: Engine, folders: Path, keep: Keep) -> int:
    count = 0
    while gone := engine.prune_runs(keep):
        count += len(gone)
        _remove((folders / each for each in gone), dry_run=False)
    return count


def _stale_folders(engine: Engine, runs: Path, keep: Keep) -> Iterator[Path]:
    """Of runs that ended too long ago, and old ones of runs that are not known, as after a kill between row and folder.

    Those of unknown runs are not removed at once: another database may know them.
    """
    before = engine.now() - max(timedelta(days=keep.logs_days), AT_LEAST)
    found = (each for each in _folders(runs) if each.name.startswith(_OF_RUNS))
    while some := list(islice(found, AT_ONCE)):
        ended, known = engine.finished_before([each.name for each in some], before)
        for folder in some:
            orphaned = folder.name not in known and _used(folder) < before
            if folder.name.startswith(_ASIDE) or (keep.logs_days and (folder.name in ended or orphaned)):
                yield folder


def _stale_layers(engine: Engine, layers: Path, keep: Keep) -> Iterator[Path]:
    """Of modules that no run has asked for; a run that goes on may have asked for its own long ago."""
    before = engine.now() - max(timedelta(days=keep.layers_days), AT_LEAST)
    if not keep.layers_days or any(run.queued_at < before for run in engine.unfinished_runs()):
        return
    for folder in _folders(layers):
        if folder.name != "cache" and _used(folder) < before:
            yield folder


def _folders(parent: Path) -> list[Path]:
    found = parent.iterdir() if parent.is_dir() else ()
    return sorted(each for each in found if each.is_dir() and not each.is_symlink())


def _used(folder: Path) -> datetime:
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except FileNotFoundError:  # someone else removes it
        return datetime.max.replace(tzinfo=UTC)


def _remove(folders: Iterator[Path], dry_run: bool) -> int:
    """Each at once for those who look for it, whatever time its files take."""
    count = 0
    for folder in folders:
        if not dry_run:
            aside = folder.with_name(f"{_ASIDE}{folder.name.removeprefix(_ASIDE)}")
            try:
                folder.rename(aside)
            except OSError:  # someone else removes it
                continue
            shutil.rmtree(aside, ignore_errors=True)
        count += 1
    return count


class Upkeep:
    """Works in a thread of its own. Any number of processes may do so on one database."""

    def __init__(
        self, engine: Engine, catalog: Catalog, home: Path, keep: Keep, also: Callable[[], object] = lambda: None
    ) -> None:
        """`also` is done each time that something is removed: what others have to remove."""
        self.also = also
        self.engine = engine
        self.catalog = catalog
        self.home = home
        self.keep = keep
        self.pruned = float("-inf")
        self.ending = threading.Event()
        self.thread: threading.Thread | None = None

    def tick(self) -> None:
        self.engine.tell_delayed_runs()
        if time.monotonic() - self.pruned >= PRUNE_SECONDS:
            self.pruned = time.monotonic()
            gone = prune(self.engine, self.home, self.keep)
            storages = self.catalog.prune_storages()
            self.also()
            self.engine.take_in_for_search()
            if gone != Pruned() or storages:
                log.info("what is not to be kept was removed", **vars(gone), storages=storages)

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.ending.set()
        if self.thread:
            self.thread.join()

    def _run(self) -> None:
        while not self.ending.is_set():
            try:
                self.tick()
            except StoreUnavailable as error:
                log.warning("upkeep waits for the database", why=str(error))
            except Exception:
                log.exception("a fault of Isinglass in the upkeep")
            self.ending.wait(TICK_SECONDS)
