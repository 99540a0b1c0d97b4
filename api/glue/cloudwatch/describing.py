"""Operations of CloudWatch Logs that tell which logs there are: the groups, and the streams of the runs in one."""

from __future__ import annotations

from collections.abc import Iterable

from api.glue.calls import Call, Operation, Shape
from api.glue.cloudwatch.streams import GROUPS, InvalidParameter, Stream, list_streams, page_of_streams
from api.glue.failures import OperationNotSupported
from catalog.errors import NotFound

_MOST = 50


def describe_log_groups(call: Call) -> Shape:
    """Those that runs write to, whether or not one has."""
    beginning, part = call.asked.get("logGroupNamePrefix"), call.asked.get("logGroupNamePattern")
    if beginning and part:
        raise InvalidParameter("logGroupNamePrefix and logGroupNamePattern cannot be given together.")
    found = [name for name in sorted(GROUPS) if name.startswith(beginning or "") and (part or "") in name]
    return {"logGroups": [_group_shape(call, name) for name in found]}


def describe_log_streams(call: Call) -> Shape:
    """By name, of those with a prefix; or of all runs, the newest first, in which order they were last written, too."""
    asked = call.asked
    beginning, order = asked.get("logStreamNamePrefix"), asked.get("orderBy", "LogStreamName")
    if beginning and order == "LastEventTime":
        raise InvalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
    if beginning:
        return _by_name(call, list_streams(call, beginning))
    if order != "LastEventTime" or not asked.get("descending"):
        raise OperationNotSupported(
            "Log streams are listed by logStreamNamePrefix, or by orderBy LastEventTime, descending; others are not "
            "supported."
        )
    streams, token = page_of_streams(call, asked.get("limit", _MOST), asked.get("nextToken"))
    return {"logStreams": _told(call, streams), "nextToken": token}


def _by_name(call: Call, streams: list[Stream]) -> Shape:
    """A page after the stream whose name is the token."""
    after, most, backward = call.asked.get("nextToken"), call.asked.get("limit", _MOST), call.asked.get("descending")
    ordered = sorted(streams, key=lambda stream: stream.name, reverse=bool(backward))
    left = [each for each in ordered if after is None or (each.name < after if backward else each.name > after)]
    page = left[:most]
    return {"logStreams": _told(call, page), "nextToken": page[-1].name if len(left) > most else None}


def _told(call: Call, streams: Iterable[Stream]) -> list[Shape]:
    """Those that have begun."""
    told = []
    for stream in streams:
        try:
            page = call.engine.log_lines_before(stream.run, stream.log, None, 1)
        except NotFound:
            continue
        at = stream.written_ms(page)
        began = stream.run.started_at or stream.run.queued_at
        told.append(
            {
                "logStreamName": stream.name,
                "creationTime": int(began.timestamp() * 1_000),
                "lastEventTimestamp": at,
                "lastIngestionTime": at,
                "arn": f"{_arn(call, stream.group)}:log-stream:{stream.name}",
                "storedBytes": 0,  # which is what AWS tells of all streams
            }
        )
    return told


def _group_shape(call: Call, name: str) -> Shape:
    arn = _arn(call, name)
    return {"logGroupName": name, "arn": f"{arn}:*", "logGroupArn": arn, "logGroupClass": "STANDARD"}


def _arn(call: Call, group: str) -> str:
    return f"arn:aws:logs:{call.region}:{call.account}:log-group:{group}"


OPERATIONS: dict[str, Operation] = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
}
