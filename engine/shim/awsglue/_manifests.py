"""The lists that purging and transitions leave where manifestFilePath says: Success.csv and Failed.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from pyspark.sql import SparkSession


def write_manifests(
    session: SparkSession, folder: str | None, done: Sequence[str], failed: Sequence[tuple[str, str]]
) -> None:
    """Success.csv: a path a line. Failed.csv: a path and the reason. Both replace older ones; none without `folder`."""
    if folder is None:
        return
    base = folder.rstrip("/")
    _write(session, f"{base}/Success.csv", ([path] for path in done))
    _write(session, f"{base}/Failed.csv", failed)


def _write(session: SparkSession, path: str, rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    java: Any = session._jvm
    file = java.org.apache.hadoop.fs.Path(path)
    stream = file.getFileSystem(session._jsparkSession.sessionState().newHadoopConf()).create(file, True)
    try:
        stream.write(text.getvalue().encode())
    finally:
        stream.close()
