"""The logs of executors on a standalone cluster, brought from its workers into a run's folder, bounded like any log."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.spark.metrics import Executor

_PART = 1 << 20  # the most that a worker gives at once
_PATIENCE_SECONDS = 10.0
_PAGE = re.compile(r"(https?://[^/\s]+)/logPage/?\?(\S+)")
_HEAD = re.compile(rb"==== Bytes (\d+)-(\d+) of (\d+) of [^\n]*\n")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def bring_logs(executors: Sequence[Executor], target: Path, limit: int) -> list[str]:
    """Write each executor's logs to `target`/ID/NAME; a line for each that is not had, and why.

    Only a standalone cluster's workers give them; on YARN and Kubernetes they are its own to show.
    """
    remarks = []
    for executor in executors:
        for name, url in executor.logs.items():
            page = _PAGE.fullmatch(url)
            if page is None or not (_NAME.fullmatch(executor.id) and _NAME.fullmatch(name)):
                remarks.append(f"log {name} of executor {executor.id} is at {url}")
                continue
            path = target / executor.id / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.writelines(_parts(f"{page[1]}/log?{page[2]}", limit))
            except (OSError, http.client.HTTPException, ValueError) as error:
                remarks.append(f"log {name} of executor {executor.id} could not be brought from {url}: {error}")
    return remarks


def _parts(url: str, limit: int) -> Iterator[bytes]:
    """The log's bytes; of more than `limit` the beginning and the end. Raises OSError, ValueError."""
    begin, size = 0, 1
    while begin < size:
        end, size, content = _part(url, begin)
        if end <= begin:
            return
        if begin < limit // 2 <= end and size - end > limit // 2:
            yield content
            left_out = size - limit // 2
            yield f"\n[isinglass: {left_out - end:,} bytes are left out here]\n".encode()
            begin = left_out
            continue
        yield content
        begin = end


def _part(url: str, begin: int) -> tuple[int, int, bytes]:
    """Where the part ends, how long the log is, and the part. Raises OSError, ValueError."""
    with urllib.request.urlopen(  # noqa: S310 — the pattern of its address says http
        f"{url}&offset={begin}&byteLength={_PART}", timeout=_PATIENCE_SECONDS
    ) as answer:
        said = answer.read(2 * _PART)
    head = _HEAD.match(said)
    if head is None:
        raise ValueError(said[:200].decode(errors="replace").strip() or "it is empty")
    return int(head[2]), int(head[3]), said[head.end() :]
