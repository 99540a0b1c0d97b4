"""Operations on crawls: the runs of crawlers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound, Invalid, OperationNotSupported
from api.glue.shapes.crawlers import crawl_shape
from engine.ledger.run_filters import Comparison, RunField, RunFilter
from engine.model import CRAWL
from engine.states import FINAL, UNFINISHED, RunState

_FIELDS = {
    "CRAWL_ID": RunField.ID,
    "STATE": RunField.STATE,
    "START_TIME": RunField.STARTED_AT,
    "END_TIME": RunField.FINISHED_AT,
}
_MEMBERS = ("FieldName", "FilterOperator", "FieldValue")
_OTHERS = {  # what a crawl of the state is not
    "RUNNING": FINAL,
    "COMPLETED": frozenset(RunState) - {RunState.SUCCEEDED},
    "STOPPED": frozenset(RunState) - {RunState.STOPPED},
    "FAILED": UNFINISHED | {RunState.SUCCEEDED, RunState.STOPPED},
}


def list_crawls(call: Call) -> Shape:
    """Newest first."""
    asked = call.asked
    name = asked["CrawlerName"]
    if call.engine.find_crawler(name) is None:
        raise EntityNotFound(f"Crawler entry with name {name} does not exist")
    filters = [found for each in asked.get("Filters") or () for found in _filters(each)]
    page = call.engine.list_runs(CRAWL, name, asked.get("MaxResults", 20), asked.get("NextToken"), filters)
    return {"Crawls": [crawl_shape(run) for run in page.items], "NextToken": page.next_token}


def _filters(given: Shape) -> Iterator[RunFilter]:
    name, operator, value = (given.get(each) for each in _MEMBERS)
    if name is None or operator is None or value is None:
        told = ", ".join(
            f"{each}: {given.get(each) or 'null'}" for each in ("FieldName", "FilterOperator", "FieldValue")
        )
        raise Invalid(f"Invalid Filter Provided: {told}")
    if name not in _FIELDS:
        raise OperationNotSupported(f"Crawls are not filtered by {name}; filter by {', '.join(_FIELDS)}.")
    field = _FIELDS[name]
    if field in (RunField.STATE, RunField.ID) and operator not in ("EQ", "NE"):
        raise Invalid(f"Only EQ or NE operator is allowed for field : {name}")
    if field is RunField.STATE:
        if value not in _OTHERS:
            raise Invalid(f"STATE is compared with one of {', '.join(_OTHERS)}.")
        others = _OTHERS[value] if operator == "EQ" else frozenset(RunState) - _OTHERS[value]
        yield from (RunFilter(field, Comparison.NE, state) for state in sorted(others))
    elif field is RunField.ID:
        yield RunFilter(field, Comparison(operator), value)
    else:
        yield RunFilter(field, Comparison(operator), _instant(value))


def _instant(text: str) -> datetime:
    """Milliseconds since 1970, as AWS has it, or ISO 8601. Raises Invalid."""
    try:
        if re.fullmatch(r"[0-9]+", text):
            return datetime.fromtimestamp(int(text) / 1_000, UTC)
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid(f"{text!r} is no time: give milliseconds since 1970, or ISO 8601.") from error


OPERATIONS: dict[str, Operation] = {"ListCrawls": list_crawls}
