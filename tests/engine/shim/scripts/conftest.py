"""A lake and a catalog for each script, and the one Spark session of all tests of the shim."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from sqlalchemy import Engine as SqlEngine

from catalog import db
from engine.model import Run
from tests.engine.shim.scripts.lake import Lake, serve


@pytest.fixture
def store(tmp_path: Path, migrated_sqlite: Path) -> Iterator[SqlEngine]:
    shutil.copy(migrated_sqlite, tmp_path / "catalog.db")
    engine = db.connect(db.sqlite_url(tmp_path / "catalog.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def lake(
    store: SqlEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: SparkSession, no_service_by_default: None
) -> Lake:
    return Lake(store, tmp_path, monkeypatch)


@pytest.fixture
def run_script(lake: Lake) -> Iterator[Callable[..., Run]]:
    """Runs a script's text with arguments as the next run of the job, over the lake."""
    with serve(lake.catalog.engine) as port:
        yield lambda script, *arguments: lake.run(port, script, list(arguments))
