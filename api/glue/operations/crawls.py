"""Operations on crawls: the runs of crawlers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid, OperationNotSupported
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
_OTHERS = {  # what a crawl of the state is not
    "RUNNING": FINAL,
    "COMPLETED": frozenset(RunState) - {RunState.SUCCEEDED},
    "STOPPED": frozenset(RunState) - {RunState.STOPPED},
    "FAILED": UNFINISHED | {RunState.SUCCEEDED, RunState.STOPPED},
}


def list_crawls(call: Call) -> Shape:
    """Newest first."""
    asked = call.asked
    name = call.engine.get_crawler(asked["CrawlerName"]).name
    filters = [found for each in asked.get("Filters") or () for found in _filters(each)]
    page = call.engine.list_runs(CRAWL, name, asked.get("MaxResults", 20), asked.get("NextToken"), filters)
    return {"Crawls": [crawl_shape(run) for run in page.items], "NextToken": page.next_token}


def _filters(given: Shape) -> Iterator[RunFilter]:
    name, operator, value = given.get("FieldName"), given.get("FilterOperator", "EQ"), given.get("FieldValue", "")
    if name not in _FIELDS:
        raise OperationNotSupported(f"Crawls are not filtered by {name}; filter by {', '.join(_FIELDS)}.")
    field = _FIELDS[name]
    if field is RunField.STATE:
        if operator != "EQ" or value not in _OTHERS:
            raise Invalid(f"STATE is compared by EQ with one of {', '.join(_OTHERS)}.")
        yield from (RunFilter(field, Comparison.NE, state) for state in sorted(_OTHERS[value]))
    elif field is RunField.ID:
        yield RunFilter(field, Comparison(operator), value)
    else:
        yield RunFilter(field, Comparison(operator), _instant(value))


def _instant(text: str) -> datetime:
    """Milliseconds since 1970, as AWS has it. Raises Invalid."""
    try:
        return datetime.fromtimestamp(int(text) / 1_000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid(f"{text!r} is no time: give milliseconds since 1970.") from error


OPERATIONS: dict[str, Operation] = {"ListCrawls": list_crawls}
