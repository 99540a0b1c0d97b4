"""Random workflows with random ends and crashes against the model: the same triggers fire, and no run is ever stuck."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import event

from catalog import db
from engine.engine import Engine
from tests.conftest import Clock
from tests.engine.flows.workflow_models import Driven, Story, stories

# The long form of `make faults` asks for 10,000.
EXAMPLES = int(os.environ.get("ISINGLASS_TEST_WORKFLOWS", "200"))


@pytest.fixture(scope="module")
def driven(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    path = tmp_path_factory.mktemp("workflows") / "catalog.db"
    shutil.copy(migrated_sqlite, path)
    store = db.connect(db.sqlite_url(path))
    event.listen(store, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    store.dispose()
    clock = Clock()
    yield Driven(Engine(store, clock), clock)
    store.dispose()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(stories())
def test_what_fires_is_what_the_model_says_and_no_run_is_stuck(driven: Driven, story: Story) -> None:
    driven.play(story)
