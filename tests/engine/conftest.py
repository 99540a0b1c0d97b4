"""What tests of the engine share: the ledger's verbs, each in a transaction of its own, and a log that is silent."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Connection, Engine

from catalog import db
from engine.running.processes import identity
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
def quiet_log() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def dead() -> str:
    """The identity of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        found = identity(process.pid)
    assert found is not None
    return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.close()
