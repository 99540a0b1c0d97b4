"""The front door to what runs read and wrote: noted, and told from it, who reads a table and where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import TableKey
from engine.crawling.readers import Reader, list_readers
from engine.ledger import accesses, lineage
from engine.ledger.accesses import Access
from engine.ledger.lineage import Direction, Lineage


class LineageDoors:
    """The verbs of accesses; `Engine` is where they are asked."""

    engine: SqlEngine
    now: Callable[[], datetime]

    def note_accesses(self, run_id: str, found: Sequence[Access]) -> None:
        with writing(self.engine) as connection:
            accesses.note(connection, run_id, found, self.now())

    def forget_writes(self, run_id: str) -> None:
        """What the run has staged was never published."""
        with writing(self.engine) as connection:
            accesses.forget_writes(connection, run_id)

    def batch_list_accesses(self, run_ids: Sequence[str]) -> Mapping[str, list[Access]]:
        with reading(self.engine) as connection:
            return accesses.batch_list(connection, run_ids)

    def batch_trace(self, tables: Sequence[TableKey], direction: Direction, hops: int) -> dict[TableKey, Lineage]:
        """Where the data of each of `tables` that is there come from, or go to. Raises InvalidInput."""
        with reading(self.engine) as connection:
            return lineage.batch_trace(connection, tables, direction, hops)

    def batch_list_readers(self, tables: Sequence[TableKey]) -> dict[TableKey, list[Reader]]:
        """The jobs and crawlers that read each table, as far as that is known."""
        found: dict[TableKey, list[Reader]] = {key: [] for key in tables}
        with reading(self.engine) as connection:
            for reader in list_readers(connection, tables):
                database, _, name = reader.table.partition(".")
                found[(database, name)].append(reader)
        return found
