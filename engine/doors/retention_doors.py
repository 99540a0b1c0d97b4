"""The engine's verbs of what is kept, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from engine.ledger import retention
from engine.ledger.retention import AT_ONCE, Keep


class RetentionDoors:
    engine: SqlEngine
    now: Callable[[], datetime]

    def count_prunable_runs(self, keep: Keep) -> int:
        with reading(self.engine) as connection:
            return len(retention.list_prunable(connection, keep, self.now(), None))

    def prune_runs(self, keep: Keep) -> list[str]:
        """Delete some of the runs that are not to be kept; which, none once there are none.

        They are looked for without a lock, which takes a while among many, and deleted in small transactions: nothing
        that ended more than a day ago comes to be needed meanwhile.
        """
        with reading(self.engine) as connection:
            gone = retention.list_prunable(connection, keep, self.now())
        for start in range(0, len(gone), AT_ONCE):
            with writing(self.engine) as connection:
                retention.delete_runs(connection, gone[start : start + AT_ONCE])
        return gone

    def prune_fires(self, keep: Keep) -> int:
        with writing(self.engine) as connection:
            return retention.prune_fires(connection, keep, self.now())

    def prune_bookmarks(self, keep: Keep) -> int:
        with writing(self.engine) as connection:
            return retention.prune_bookmarks(connection, keep)

    def finished_before(self, run_ids: list[str], at: datetime) -> tuple[set[str], set[str]]:
        """Of `run_ids` those that ended before `at`, and those that are there at all."""
        with reading(self.engine) as connection:
            return retention.finished_before(connection, run_ids, at)
