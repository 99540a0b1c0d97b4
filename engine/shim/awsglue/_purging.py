"""Purging: deleting the files of a folder or a table that are old enough, and the partitions that are empty then.

Files are listed and deleted by Hadoop's file systems, in the job; the catalog is the service's to change.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any
from urllib.parse import urlsplit

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from awsglue._manifests import write_manifests
from awsglue._service import get_service

DEFAULT_RETENTION_HOURS = 168.0
_STORAGE_CLASS = "header.x-amz-storage-class"
_HIDDEN = ("_", ".")
_STAGED = "/.isinglass-staged/"  # what runs have yet to publish: nobody sees it, so nobody means it


@dataclass(frozen=True)
class Choosing:
    """Which files are meant: last changed before `before_ms`, in none of the storage classes `excluded`.

    `manifests` is a folder for the lists of what was done, None for none.
    """

    before_ms: float
    excluded: frozenset[str] = frozenset()
    predicate: str = ""
    manifests: str | None = None


@dataclass
class Done:
    """The paths that were dealt with, and those that were not, each with the reason."""

    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def choosing(options: Mapping[str, Any] | None, now_ms: float | None = None) -> Choosing:
    """Glue's options: retentionPeriod (hours, 168 if absent), excludeStorageClasses, partitionPredicate,
    manifestFilePath. Others are passed over. ValueError for a period that is no number; a negative one means all files,
    also those of this very moment.
    """
    given = dict(options or {})
    period = given.get("retentionPeriod", DEFAULT_RETENTION_HOURS)
    try:
        hours = nan if isinstance(period, bool) else float(period)
    except (TypeError, ValueError):
        hours = nan
    if not isfinite(hours):
        raise ValueError(f"retentionPeriod {period!r} is not a number of hours.")
    excluded = given.get("excludeStorageClasses") or ()
    names = excluded.split(",") if isinstance(excluded, str) else excluded
    return Choosing(
        before_ms=(time.time() * 1000 if now_ms is None else now_ms) - hours * 3_600_000,
        excluded=frozenset(str(name).strip().upper() for name in names),
        predicate=str(given.get("partitionPredicate") or ""),
        manifests=given.get("manifestFilePath") or None,
    )


def purge_path(session: SparkSession, path: str, options: Mapping[str, Any] | None = None) -> Done:
    """Delete the files below `path` that were last changed before the retention period, and folders left empty.

    What cannot be deleted is no error: it is in the result, and in Failed.csv of the manifest. Nothing outside `path`
    is touched, also where a link in it leads outside. A path that is not there has nothing to delete.
    """
    chosen = choosing(options)
    found = Done()
    _purge(session, path, chosen, found)
    write_manifests(session, chosen.manifests, found.done, found.failed)
    session.catalog.refreshByPath(path)
    return found


def purge_table(
    session: SparkSession, database: str, table_name: str, options: Mapping[str, Any] | None = None
) -> Done:
    """As purge_path, of a catalog table, or of its partitions that the option partitionPredicate selects.

    A partition that has lost its last file leaves the catalog. ValueError for a predicate on a table without
    partitions.
    """
    chosen = choosing(options)
    found = Done()
    service = get_service(f"Purging the table {database}.{table_name}")
    folders = table_folders(service, database, table_name, chosen.predicate)
    emptied = [list(values) for values, folder in folders if _purge(session, folder, chosen, found) and values]
    if emptied:
        service.delete_partitions(database, table_name, emptied)
    write_manifests(session, chosen.manifests, found.done, found.failed)
    for _, folder in folders:
        session.catalog.refreshByPath(folder)
    return found


def table_folders(service: Any, database: str, table_name: str, predicate: str) -> list[tuple[tuple[str, ...], str]]:
    """The values and the folder of each partition that the predicate selects; a table without keys has one folder."""
    table = service.table(database, table_name)
    if table.partition_keys:
        return list(service.partitions(database, table_name, predicate))
    if predicate:
        raise ValueError(f"The table {database}.{table_name} has no partitions that a partitionPredicate could select.")
    return [((), table.location)]


def _purge(session: SparkSession, path: str, chosen: Choosing, found: Done) -> bool:
    """Whether the folder held files and holds none any more."""
    folder, files = file_system(session, path)
    base = folder.makeQualified(files.getUri(), files.getWorkingDirectory())
    if base.getParent() is None and urlsplit(str(base)).scheme in ("file", "hdfs"):
        raise ValueError(f"{path!r} is the root of a file system, which is not purged.")
    parents, kept, deleted = set(), 0, 0
    for status in _listed(files, base):
        place, name = status.getPath(), status.getPath().getName()
        if _STAGED in place.toString():
            continue
        if status.getModificationTime() > chosen.before_ms or _is_excluded(files, place, chosen.excluded):
            kept += not name.startswith(_HIDDEN)
            continue
        why = _refusal(base, place) or _tried(files, place)
        if why is None:
            deleted += 1
            parents.add(place.getParent().toString())
            found.done.append(place.toString())
        else:
            kept += 1
            found.failed.append((place.toString(), why))
    _remove_empty(session, files, base.toString(), parents)
    return deleted > 0 and kept == 0


def file_system(session: SparkSession, path: str) -> tuple[Any, Any]:
    """A path as Hadoop's, and its file system. ValueError for an empty one."""
    if not path or not path.strip():
        raise ValueError("The path to work on is empty.")
    java: Any = session._jvm
    folder = java.org.apache.hadoop.fs.Path(path)
    return folder, folder.getFileSystem(session._jsparkSession.sessionState().newHadoopConf())


def _listed(files: Any, base: Any) -> Iterator[Any]:
    """All files at or below `base`, before any of them is deleted."""
    if not files.exists(base):
        return iter(())
    iterator = files.listFiles(base, True)
    found = []
    while iterator.hasNext():
        found.append(iterator.next())
    return iter(found)


def _refusal(base: Any, place: Any) -> str | None:
    """Why a listed file must not be deleted: it is not below the folder, or only by a link in it."""
    if place.toString() == base.toString():
        return None
    if not place.toString().startswith(f"{base.toString().rstrip('/')}/"):
        return "it is not below the path"
    if place.toUri().getScheme() == "file":
        inside = os.path.realpath(base.toUri().getPath())
        real = os.path.realpath(place.getParent().toUri().getPath())
        if os.path.commonpath([inside, real]) != inside:
            return "a link leads to it, out of the path"
    return None


def _is_excluded(files: Any, place: Any, excluded: frozenset[str]) -> bool:
    return bool(excluded) and storage_class(files, place) in excluded


def storage_class(files: Any, place: Any) -> str | None:
    """The storage class of a file in S3; None where there is no such thing. S3 names only those but STANDARD."""
    if not files.getUri().getScheme().startswith("s3"):
        return None
    try:
        named = files.getXAttr(place, _STORAGE_CLASS)
    except Py4JJavaError:
        return "STANDARD"
    return bytes(named).decode() if named else "STANDARD"


def _tried(files: Any, place: Any) -> str | None:
    """None if it was deleted, else why not."""
    try:
        return None if files.delete(place, False) else "it was not deleted"
    except Py4JJavaError as error:
        return str(error.java_exception.getMessage() or error.java_exception.getClass().getName()).partition("\n")[0]


def _remove_empty(session: SparkSession, files: Any, base: str, parents: set[str]) -> None:
    """Remove the folders that have become empty, the deepest first, below `base` and never itself."""
    java: Any = session._jvm
    waiting = sorted(parents, key=len, reverse=True)
    for text in waiting:
        while text.startswith(f"{base.rstrip('/')}/"):
            folder = java.org.apache.hadoop.fs.Path(text)
            if not files.exists(folder) or len(files.listStatus(folder)) > 0:
                break
            if _tried(files, folder) is not None:
                break
            text = folder.getParent().toString()
