"""The database is away for a while: requests are refused by name, runs go on, and nothing is restarted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from catalog.db import connect
from engine.engine import Engine
from engine.model import Job, Run
from engine.states import RunState
from tests.conftest import Postgres
from tests.journeys.installation import Installation, until
from tests.journeys.postgres_line import Line

JOBS = "{ jobs { edges { node { name } } } }"
WAITS = """
import os, sys, time
print("began")
while not os.path.exists(sys.argv[sys.argv.index("--sign") + 1]):
    time.sleep(0.01)
print("ended")
"""


@pytest.fixture
def line(postgres: Postgres) -> Iterator[Line]:
    url = postgres.create("migrated")
    with TemporaryDirectory(prefix="line-") as folder:
        found = Line(url, Path(folder))
        found.mend()
        yield found
        found.cut()
    postgres.drop(url)


@pytest.fixture
def engine(line: Line, postgres: Postgres) -> Iterator[Engine]:
    """The engine by a line of its own, which is not cut."""
    store = connect(line.url.replace(str(line.place.parent), str(Path(line.server).parent)))
    yield Engine(store)
    store.dispose()


def test_a_run_that_ends_while_the_database_is_away_is_recorded_when_it_is_back(
    installation: Installation, line: Line, engine: Engine
) -> None:
    sign = installation.folder / "sign"
    engine.create_job(Job("waits", "waits.py", {"--sign": str(sign)}, script_text=WAITS, command="pythonshell"))
    service = installation.serve(database_url=line.url)

    def ended(run: Run) -> Run | None:
        now = engine.get_run(run.id)
        return now if now.finished else None

    run = engine.start_job_run("waits")
    folder = installation.home / "runs" / run.id
    until(lambda: (folder / "output.log").exists() and (folder / "output.log").read_text(), "the script begins")
    line.cut()
    refused = httpx.post(f"{service.endpoint}/graphql", json={"query": JOBS}, timeout=30).json()
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["UNAVAILABLE"]
    assert httpx.get(f"{service.endpoint}/health", timeout=30).status_code == 503
    sign.touch()
    until((folder / "exit.json").exists, "the run ends")

    line.mend()
    found = until(lambda: ended(run), "the end is recorded")
    assert (found.state, found.detail, found.owner) == (RunState.SUCCEEDED, None, service.identity)
    assert service.ask(JOBS)["jobs"]["edges"] == [{"node": {"name": "waits"}}]
    again = engine.start_job_run("waits")
    assert until(lambda: ended(again), "the next run ends").state is RunState.SUCCEEDED
