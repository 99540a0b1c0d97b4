"""Operations of CloudWatch Logs on the logs of job runs: a page of one stream, or of several.

Logs are kept as the script writes them, without a time for each line: an event tells when its log was last written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from api.glue.calls import Call, Operation, Shape
from api.glue.cloudwatch import describing
from api.glue.cloudwatch.streams import InvalidParameter, NoSuch, Stream, find_stream, list_streams
from api.glue.failures import GlueFailure, OperationNotSupported
from catalog.errors import NotFound
from engine.running.log_lines import Lines

MOST_EVENTS = 10_000
_PLACE = re.compile(r"([fb])/([0-9]{1,15})")
_PLACE_OF = re.compile(r"([A-Za-z0-9_-]+)=([0-9]{1,15})")


def get_log_events(call: Call) -> Shape:
    """A page that begins or ends where the token says; at the end of the log its token is told again."""
    asked = call.asked
    stream = find_stream(call, asked["logStreamName"])
    forward, place = _place(asked)
    most = asked.get("limit", MOST_EVENTS)
    try:
        if forward:
            page = call.engine.log_lines_after(stream.run, stream.log, place or 0, most)
        else:
            page = call.engine.log_lines_before(stream.run, stream.log, place, most)
    except NotFound as error:
        raise NoSuch("stream") from error
    events = [event for _, event in _events(stream, page, asked)]
    return {"events": events, "nextForwardToken": f"f/{page.end}", "nextBackwardToken": f"b/{page.begin}"}


def filter_log_events(call: Call) -> Shape:
    """Stream by stream. A page of events has a token, from which what is written later can be asked for."""
    asked = call.asked
    if asked.get("filterPattern"):
        raise OperationNotSupported("filterPattern is not supported: all events are told.")
    if asked.get("startFromHead") is False:
        raise OperationNotSupported("startFromHead false is not supported: the oldest events come first.")
    streams, places = _streams(call), _places(asked.get("nextToken"))
    events: list[Shape] = []
    for stream in streams:
        left = asked.get("limit", MOST_EVENTS) - len(events)
        if left <= 0:
            break
        page = _page_of(call, stream, places.get(stream.name, 0), left)
        if page is not None:
            places[stream.name] = page.end
            events += (_named(stream, at, event) for at, event in _events(stream, page, asked))
    token = ",".join(f"{name}={place}" for name, place in places.items())
    return {"events": events, "searchedLogStreams": [], "nextToken": f"s/{token}" if events else None}


def _page_of(call: Call, stream: Stream, place: int, most: int) -> Lines | None:
    """None of a stream whose log has not begun, if it is not the only one that was named."""
    try:
        return call.engine.log_lines_after(stream.run, stream.log, place, most)
    except NotFound as error:
        if call.asked.get("logStreamNames"):
            raise NoSuch("stream") from error
        return None


def _streams(call: Call) -> list[Stream]:
    names, beginning = call.asked.get("logStreamNames"), call.asked.get("logStreamNamePrefix")
    if names and beginning:
        raise InvalidParameter("logStreamNames and logStreamNamePrefix cannot be given together.")
    return [find_stream(call, name) for name in dict.fromkeys(names)] if names else list_streams(call, beginning or "")


def _events(stream: Stream, page: Lines, asked: Shape) -> Iterable[tuple[int, Shape]]:
    """With the places of their lines; none outside of the time that is asked for."""
    at = stream.written_ms(page)
    if at < asked.get("startTime", at) or at > asked.get("endTime", at):
        return
    for line in page.lines:
        yield line.at, {"timestamp": at, "message": line.text, "ingestionTime": at}


def _named(stream: Stream, at: int, event: Shape) -> Shape:
    return {**event, "logStreamName": stream.name, "eventId": f"{stream.name}/{at}"}


def _place(asked: Shape) -> tuple[bool, int | None]:
    """Whether a page goes forward, and from where; None: from the beginning, or from the end."""
    token = asked.get("nextToken")
    if token is None:
        return bool(asked.get("startFromHead")), None
    found = _PLACE.fullmatch(token)
    if found is None:
        raise _bad_token()
    return found[1] == "f", int(found[2])


def _places(token: str | None) -> dict[str, int]:
    """How far each stream was told."""
    if token is None:
        return {}
    found = [_PLACE_OF.fullmatch(part) for part in token.removeprefix("s/").split(",")]
    if None in found or not token.startswith("s/"):
        raise _bad_token()
    return {part[1]: int(part[2]) for part in found if part}


def _bad_token() -> InvalidParameter:
    return InvalidParameter("The specified nextToken is invalid.")


def refuse_logs(name: str) -> GlueFailure:
    return OperationNotSupported(f"The operation {name} is not supported: of CloudWatch Logs job runs' logs are read.")


OPERATIONS: dict[str, Operation] = {
    **describing.OPERATIONS,
    "GetLogEvents": get_log_events,
    "FilterLogEvents": filter_log_events,
}
