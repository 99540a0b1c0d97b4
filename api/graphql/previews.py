"""The first rows of a table, read by the process that may open the table's files and nothing else."""

from __future__ import annotations

from threading import BoundedSemaphore

import msgspec
import strawberry

from api.graphql.context import Info
from catalog.errors import DomainError, InvalidInput, NotFound
from engine.crawling.preview import MOST_ROWS, SECONDS, preview

LIMIT = f"How many rows at most, 1 to {MOST_ROWS:,}."
COST = 2_000  # in nodes: a request may ask for a handful of processes
_places = BoundedSemaphore(2)  # processes at once, whoever asks


@strawberry.type(name="TablePreview", description="The first rows of a table's first files.")
class Preview:
    columns: list[str] = strawberry.field(description="The partition keys at the end.")
    rows: list[list[str | None]] = strawberry.field(
        description="A value for each of `columns`: as text, those of nested types as JSON."
    )
    file_count: int = strawberry.field(description="The files that were opened.")
    trouble: str | None = strawberry.field(description="Why there are no rows to be shown.")


def preview_of(info: Info, database: str, name: str, limit: int) -> Preview | None:
    """None if there is no such table."""
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(what=f"limit: {limit}", why=f"it must be 1 to {MOST_ROWS:,}.")
    info.context.spend(COST)
    runs = info.context.engine.runs
    if not _places.acquire(timeout=SECONDS):
        return _refused("other previews take too long; try again")
    try:
        found = preview(info.context.catalog, database, name, limit, runs.parent if runs else None)
    except NotFound:
        return None
    except DomainError as error:
        return _refused(str(error))
    finally:
        _places.release()
    info.context.spend(len(found.rows))
    rows = [[_text(value) for value in row] for row in found.rows]
    return Preview(columns=list(found.columns), rows=rows, file_count=found.files, trouble=None)


def _refused(why: str) -> Preview:
    return Preview(columns=[], rows=[], file_count=0, trouble=why)


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()
