"""A lake on disk, and a catalog in SQLite to crawl it into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Database, Origin

# A busy machine is no fault of the law that is tried.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    folder.mkdir()
    return folder


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with _opened(tmp_path / "catalog.db") as opened:
        yield opened


@pytest.fixture
def empty_catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A second one, for what would have happened otherwise."""
    with _opened(tmp_path / "other.db") as opened:
        yield opened


@contextmanager
def _opened(path: Path) -> Iterator[Catalog]:
    engine = connect(sqlite_url(path))
    opened = Catalog(engine, Origin("test"))
    opened.create_database(Database("lake"))
    yield opened
    engine.dispose()
