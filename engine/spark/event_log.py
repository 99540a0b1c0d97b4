"""Spark's event log as typed events: of whole and of cut logs, packed or not; little of one is in memory at a time."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pyarrow import NativeFile

EVENTS = "events"
_PACKED = ".zstd"
_BLOCK = 1 << 18
_EVENT = re.compile(rb'\s*\{"Event":\s*"(?:SparkListener)?([A-Za-z]+)"')


class Input(msgspec.Struct):
    rows: int = msgspec.field(name="Records Read", default=0)
    bytes: int = msgspec.field(name="Bytes Read", default=0)


class Written(msgspec.Struct):
    rows: int = msgspec.field(name="Records Written", default=0)
    bytes: int = msgspec.field(name="Bytes Written", default=0)


class ShuffleRead(msgspec.Struct):
    remote: int = msgspec.field(name="Remote Bytes Read", default=0)
    local: int = msgspec.field(name="Local Bytes Read", default=0)


class ShuffleWritten(msgspec.Struct):
    bytes: int = msgspec.field(name="Shuffle Bytes Written", default=0)


class TaskMetrics(msgspec.Struct):
    """Times in milliseconds, but for the CPU's nanoseconds."""

    cpu_ns: int = msgspec.field(name="Executor CPU Time", default=0)
    run_ms: int = msgspec.field(name="Executor Run Time", default=0)
    gc_ms: int = msgspec.field(name="JVM GC Time", default=0)
    peak_execution: int = msgspec.field(name="Peak Execution Memory", default=0)
    spilled: int = msgspec.field(name="Disk Bytes Spilled", default=0)
    read: Input = msgspec.field(name="Input Metrics", default_factory=Input)
    written: Written = msgspec.field(name="Output Metrics", default_factory=Written)
    shuffle_read: ShuffleRead = msgspec.field(name="Shuffle Read Metrics", default_factory=ShuffleRead)
    shuffle_written: ShuffleWritten = msgspec.field(name="Shuffle Write Metrics", default_factory=ShuffleWritten)


class ExecutorPeaks(msgspec.Struct):
    heap: int = msgspec.field(name="JVMHeapMemory", default=0)


class Reason(msgspec.Struct):
    reason: str = msgspec.field(name="Reason", default="")


class TaskInfo(msgspec.Struct):
    executor: str = msgspec.field(name="Executor ID", default="")


class TaskEnd(msgspec.Struct):
    stage: int = msgspec.field(name="Stage ID")
    attempt: int = msgspec.field(name="Stage Attempt ID", default=0)
    end: Reason = msgspec.field(name="Task End Reason", default_factory=Reason)
    info: TaskInfo = msgspec.field(name="Task Info", default_factory=TaskInfo)
    metrics: TaskMetrics | None = msgspec.field(name="Task Metrics", default=None)
    peaks: ExecutorPeaks = msgspec.field(name="Task Executor Metrics", default_factory=ExecutorPeaks)


class JobStart(msgspec.Struct):
    at_ms: int = msgspec.field(name="Submission Time", default=0)
    stages: list[int] = msgspec.field(name="Stage IDs", default_factory=list)
    properties: dict[str, str] | None = msgspec.field(name="Properties", default=None)


class StageInfo(msgspec.Struct):
    id: int = msgspec.field(name="Stage ID")
    attempt: int = msgspec.field(name="Stage Attempt ID", default=0)
    name: str = msgspec.field(name="Stage Name", default="")
    tasks: int = msgspec.field(name="Number of Tasks", default=0)
    begun_ms: int | None = msgspec.field(name="Submission Time", default=None)
    ended_ms: int | None = msgspec.field(name="Completion Time", default=None)
    failure: str | None = msgspec.field(name="Failure Reason", default=None)


class StageSubmitted(msgspec.Struct):
    stage: StageInfo = msgspec.field(name="Stage Info")


class StageCompleted(msgspec.Struct):
    stage: StageInfo = msgspec.field(name="Stage Info")


class ExecutorInfo(msgspec.Struct):
    host: str = msgspec.field(name="Host", default="")
    cores: int = msgspec.field(name="Total Cores", default=0)
    logs: dict[str, str] = msgspec.field(name="Log Urls", default_factory=dict)


class ExecutorAdded(msgspec.Struct):
    at_ms: int = msgspec.field(name="Timestamp")
    id: str = msgspec.field(name="Executor ID")
    info: ExecutorInfo = msgspec.field(name="Executor Info")


class ExecutorRemoved(msgspec.Struct):
    at_ms: int = msgspec.field(name="Timestamp")
    id: str = msgspec.field(name="Executor ID")
    reason: str = msgspec.field(name="Removed Reason", default="")


class ApplicationStart(msgspec.Struct):
    id: str | None = msgspec.field(name="App ID", default=None)


Event = TaskEnd | JobStart | StageSubmitted | StageCompleted | ExecutorAdded | ExecutorRemoved | ApplicationStart
_DECODERS: dict[bytes, msgspec.json.Decoder[Any]] = {
    kind.__name__.encode(): msgspec.json.Decoder(kind)
    for kind in (TaskEnd, JobStart, StageSubmitted, StageCompleted, ExecutorAdded, ExecutorRemoved, ApplicationStart)
}


def read_events(folder: Path) -> Iterator[Event]:
    """The events of the logs in `folder`, log by log; of one that was cut short, those before the cut."""
    for log in list_logs(folder):
        if _PACKED in log.suffixes:
            yield from events(_unpacked(log))
        else:
            with log.open("rb") as file:
                yield from events(file)


def list_logs(folder: Path) -> list[Path]:
    """A log that is written in parts is a folder of them, which are numbered."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "appstatus"))]
    return sorted(found, key=lambda path: (path.parent, len(path.name), path.name))


def events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Those of the lines that are counted; all others are hardly looked at."""
    for line in lines:
        named = _EVENT.match(line)
        decoder = _DECODERS.get(named[1]) if named else None
        if decoder is None:
            continue
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):  # the last line of a log whose writer was killed
            continue


def _unpacked(log: Path) -> Iterator[bytes]:
    rest = b""
    for block in _blocks(log):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    yield rest


def _blocks(log: Path) -> Iterator[bytes]:
    """What is in a packed log, also of one whose writer was killed or still writes: there the last block is refused
    as a whole, and so what is in it is taken byte by byte."""
    told = 0
    for step in (_BLOCK, 1):
        with log.open("rb") as file, contextlib.suppress(OSError):
            stream = _unpacking(file)
            for _ in range(told // _BLOCK):
                stream.read(_BLOCK)
            while block := stream.read(step):
                told += len(block)
                yield block
            return


def _unpacking(file: BufferedReader) -> NativeFile:
    import pyarrow  # slow to import, and few commands come here

    return pyarrow.CompressedInputStream(file, "zstd")
