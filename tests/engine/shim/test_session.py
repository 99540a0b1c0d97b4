"""A session's process as it asks a real service for statements; without a Spark, which only a cancellation needs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import isinglass_session
import pytest

from api.app import build_run_app
from api.auth.access import Access
from api.auth.gate import Gate
from api.services import answering, listening
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin
from engine.engine import Engine
from engine.sessions.model import Failure, Output, StatementState
from tests.engine.sessions.sessioning import ready, states


@dataclass
class Spark:
    """What of a context a cancellation asks for."""

    cancelled: int = 0

    def cancelAllJobs(self) -> None:  # noqa: N802  # as Spark calls it
        self.cancelled += 1


@dataclass
class Bench:
    engine: Engine
    process: isinglass_session.Session
    spark: Spark

    def carry_out(self) -> None:
        following = self.process.service.next_statement()
        assert following is not None
        self.process._carry_out(*following)

    def output(self, number: int) -> Output | None:
        return self.engine.get_statement("notebook", number).output


@pytest.fixture
def bench(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    (tmp_path / "catalog.db").write_bytes(migrated_sqlite.read_bytes())
    store = connect(sqlite_url(tmp_path / "catalog.db"))
    engine, spark = Engine(store), Spark()
    run = ready(engine).run
    app = build_run_app(Catalog(store, Origin("test")), engine, Gate(Access(store)))
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(isinglass_session, "LONGEST_PAUSE", 0.01)
    with listening("127.0.0.1", 0) as listener, answering(app, listener):
        contact = {"endpoint": f"http://127.0.0.1:{listener.getsockname()[1]}", "run_id": run.id}
        note = tmp_path / "contact.json"
        note.write_text(json.dumps({**contact, "token": engine.give_token(run.id)}))
        monkeypatch.setenv("ISINGLASS_RUN_FILE", str(note))
        yield Bench(engine, isinglass_session.Session({"sc": spark}), spark)
    store.dispose()


def test_statements_come_from_the_service_and_go_back_to_it(bench: Bench) -> None:
    for code in ("x = 1", "print(x)\nx + 1", "y"):
        bench.engine.run_statement("notebook", code)
        bench.carry_out()
    assert bench.output(1) == Output("1\n2\n")
    failed = bench.output(2)
    assert failed is not None
    assert failed.failure is not None
    assert (failed.failure.name, failed.failure.value) == ("NameError", "name 'y' is not defined")
    assert states(bench.engine) == [StatementState.AVAILABLE] * 3
    assert bench.process.service.next_statement() is None


def test_a_statement_is_interrupted_where_it_is_and_its_jobs_end(bench: Bench) -> None:
    bench.engine.run_statement("notebook", "print('begun')\ncancel()\nfor _ in range(10**9):\n    pass")

    def cancel() -> None:
        """What the watching thread does, once the service says so."""
        bench.engine.cancel_statement("notebook", 0)
        bench.process.interrupted = bench.process.service.cancelling()
        bench.process._interrupt(2, None)

    bench.process.interpreter.main.__dict__["cancel"] = cancel
    bench.carry_out()
    told = bench.engine.get_statement("notebook", 0)
    assert told.state is StatementState.CANCELLED
    assert told.output is not None
    assert told.output.text == "begun\n"
    assert bench.spark.cancelled == 1


def test_a_statement_whose_output_was_not_taken_is_not_carried_out_again(bench: Bench, tmp_path: Path) -> None:
    note = tmp_path / "ran"
    code = f"with open({str(note)!r}, 'a') as file:\n    file.write('once')"
    bench.engine.run_statement("notebook", code)
    following = bench.process.service.next_statement()
    assert following == (0, code)
    known = json.loads(bench.process.service.run_file.read_text())
    bench.process.service.run_file.write_text(json.dumps({**known, "token": "wrong"}))
    bench.process._carry_out(*following)
    assert states(bench.engine) == [StatementState.RUNNING]
    bench.process.service.run_file.write_text(json.dumps(known))
    bench.carry_out()
    assert note.read_text() == "once"
    lost = "what it came to was not taken; see the error log"
    assert bench.output(0) == Output(failure=Failure("OutputLost", lost, ()))
