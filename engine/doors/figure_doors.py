"""The front door to what job runs measured, beyond the figures on record: their stages and executors."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading
from engine.ledger import runs
from engine.running.progress import RunProgress, read_progress
from engine.spark.event_log import EVENTS
from engine.spark.metrics import Measured, read_measured


class FigureDoors:
    """What `Engine` says of the figures of runs whose files this process can see."""

    engine: SqlEngine
    runs: Path | None

    def progress(self, run_id: str) -> RunProgress:
        """How far the run is, as far as can be seen from here."""
        return read_progress(self.runs, run_id) if self.runs else RunProgress()

    def measured(self, run_id: str) -> Measured:
        """What the run's event log tells, up to now if it still runs. Raises NotFound, for a run that is not there."""
        with reading(self.engine) as connection:
            runs.get_run(connection, run_id)
        return self.measured_so_far(run_id)

    def measured_so_far(self, run_id: str) -> Measured:
        """As `measured`, of a run that is there; nothing if it has no event log."""
        return read_measured(self.runs / run_id / EVENTS) if self.runs else Measured()
