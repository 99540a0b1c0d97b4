"""The ledger's verbs, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from catalog import db
from tests.engine.running.job_bench import Bench

Opened = Callable[[], AbstractContextManager[Connection]]


@pytest.fixture
def writing(store: Engine) -> Opened:
    return partial(db.writing, store)


@pytest.fixture
def connection(writing: Opened) -> Iterator[Connection]:
    """One transaction for the whole test."""
    with writing() as connection:
        yield connection


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.close()
