"""What a crawler last saw at each of its places, as bytes that only the gatherer of the place reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from catalog.db import insert
from crawlers import rows

_c = rows.crawl_states.c


def list_states(connection: Connection, crawler: str) -> dict[str, bytes]:
    """By place."""
    found = connection.execute(select(_c.place, _c.body).where(_c.crawler == crawler))
    return {place: bytes(body) for place, body in found}


def find_state(connection: Connection, crawler: str, place: str) -> bytes | None:
    body = connection.execute(select(_c.body).where(_c.crawler == crawler, _c.place == place)).scalar()
    return None if body is None else bytes(body)


def put_states(
    connection: Connection, crawler: str, states: Mapping[str, bytes], run_id: str | None, now: datetime
) -> None:
    """Replace what is known of these places; what is known of others stays."""
    for place, body in states.items():
        values = {"body": body, "run_id": run_id, "updated_at": now}
        statement = insert(connection, rows.crawl_states).values(crawler=crawler, place=place, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["crawler", "place"], set_=values))


def delete_states(connection: Connection, crawler: str) -> None:
    """Forget all: the next crawl reads everything."""
    connection.execute(delete(rows.crawl_states).where(_c.crawler == crawler))
