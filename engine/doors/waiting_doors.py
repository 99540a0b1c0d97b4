"""The front door to runs that wait: taking them, why one waits, and the repeats of those that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Table
from engine.jobs.sizing import Host
from engine.ledger import claims, repeats, runs, workers
from engine.ledger.waiting import why_waiting
from engine.ledger.waiting_facts import facts_of
from engine.ledger.workers import WorkerRecord
from engine.model import Run, RunKind
from engine.reads import run_connections
from engine.reads.jdbc_tables import is_jdbc
from engine.states import RunState


class WaitingDoors:
    """The verbs of claims, repeats and waiting; `Engine` is where they are asked."""

    engine: SqlEngine
    now: Callable[[], datetime]
    host: Host | None

    def claim_run(self, owner: str, kinds: Sequence[RunKind] = (), run_id: str | None = None) -> Run | None:
        """The oldest run (of `kinds`, or the one named) that may begin now, taken for `owner`; None if none may."""
        taken = self.claim_runs(owner, kinds, 1, run_id)
        return taken[0] if taken else None

    def claim_runs(self, owner: str, kinds: Sequence[RunKind], most: int, run_id: str | None = None) -> list[Run]:
        """As claim_run, of at most so many runs."""
        with reading(self.engine) as connection:  # most looks find nothing, and need no lock
            if claims.startable(connection, self.now(), kinds, run_id, self.host) is None:
                return []
        with writing(self.engine) as connection:
            return claims.claim(connection, owner, self.now(), kinds, run_id, self.host, most)

    def find_repeat(self, run_id: str) -> Run | None:
        """The run that repeats a failed one, if there is one."""
        with reading(self.engine) as connection:
            return repeats.find_repeat(connection, run_id)

    def batch_list_attempts(self, run_ids: Sequence[str]) -> dict[str, list[Run]]:
        """Of each run all attempts that it is one of, the first one first."""
        with reading(self.engine) as connection:
            return repeats.batch_list_attempts(connection, run_ids)

    def batch_why_waiting(self, run_ids: Sequence[str]) -> dict[str, str]:
        """One sentence for each of the runs that waits."""
        with reading(self.engine) as connection:
            waits = [run for run in runs.batch_get(connection, run_ids) if run.state is RunState.WAITING]
            if not waits:
                return {}
            living = workers.list_living(connection, self.now())
            facts = facts_of(connection, waits, living, self.host)
            return {run_id: why_waiting(each) for run_id, each in facts.items()}

    # the connections of a run

    def note_table(self, run_id: str, table: Table) -> None:
        """The run was told of the table, and so may open its connection, if it has one."""
        if is_jdbc(table):
            with writing(self.engine) as connection:
                run_connections.note_table(connection, run_id, table)

    def demand_connection(self, run: Run, name: str) -> None:
        """Raises ConnectionNotListed."""
        with reading(self.engine) as connection:
            run_connections.demand_listed(connection, run, name)

    # what a worker says of itself

    def say_alive(self, owner: str, places: int) -> None:
        memory_mb = self.host.memory_mb if self.host else None
        with writing(self.engine) as connection:
            workers.say_alive(connection, WorkerRecord(owner, places, memory_mb, self.now()))

    def say_farewell(self, owner: str) -> None:
        with writing(self.engine) as connection:
            workers.say_farewell(connection, owner)

    def workers_seen(self) -> dict[str, datetime]:
        """When each last said that it lives, by its own clock."""
        with reading(self.engine) as connection:
            return workers.last_seen(connection)

    def list_workers(self) -> list[WorkerRecord]:
        """Those that live."""
        with reading(self.engine) as connection:
            return workers.list_living(connection, self.now())
