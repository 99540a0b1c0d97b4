"""A few rows of a table, read in a process of its own by a DuckDB that may open the table's files and nothing else.

Of files that are not on this machine's disks, that process first brings the beginnings here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from catalog.catalog import Catalog
from catalog.model import Column, Table
from crawlers.listing import list_files
from crawlers.places import local_path, open_place
from engine.errors import PreviewFailed, UnsupportedSource
from engine.reads.table_formats import reader_of

MOST_ROWS = 1_000
MOST_FILES = 50
SECONDS = 20.0
_PATTERN = re.compile(r"[*?\[]")
_FORMATS = ("csv", "json", "parquet")
_CODECS = {"none": "none", "gzip": "gzip", "zstd": "zstd"}


@dataclass(frozen=True)
class Remote:
    """Where a file lies that is not on this machine's disks: the place, the path in it, and the size in bytes."""

    place: str
    path: str
    size: int


@dataclass(frozen=True)
class PreviewFile:
    """A file, and the values of its partition by key. What is `remote` is brought to `path` before it is read."""

    path: str
    partition: dict[str, str]
    remote: Remote | None = None

    @property
    def shown(self) -> str:
        return self.remote.place + self.remote.path if self.remote else self.path


@dataclass(frozen=True)
class PreviewRequest:
    """What the reading process is told. `paths`: how a JSON file spells its fields. `skip`: lines above the rows."""

    format: str
    files: tuple[PreviewFile, ...]
    columns: tuple[Column, ...]
    limit: int
    codec: str = "none"
    separator: str = ","
    quote: str = '"'
    skip: int = 0
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """`rows` hold a value for each of `columns`, the partition keys at the end; of `files` files, which were opened."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    files: int


def preview(
    catalog: Catalog, database: str, name: str, limit: int, scratch: Path | None, seconds: float = SECONDS
) -> Preview:
    """The first rows of the first files. What is brought here from elsewhere lies in a folder of its own in `scratch`
    (None: where the system keeps such), until the rows are read.

    Raises NotFound; UnsupportedSource for a format or codec that is not previewed; PreviewFailed for files that cannot
    be read, or not in time; for a place what open_place raises.
    """
    table = catalog.get_table(database, name)
    with TemporaryDirectory(prefix="preview-", dir=scratch) as folder:
        return _preview(table, _request(catalog, table, min(limit, MOST_ROWS), Path(folder)), seconds)


def _preview(table: Table, request: PreviewRequest, seconds: float) -> Preview:
    columns = tuple(column.name for column in table.all_columns)
    if not request.files:
        return Preview(columns, (), 0)
    command = [sys.executable, "-I", "-m", "engine.crawling.previewing"]
    what = f"{table.database}.{table.name}"
    try:
        done = subprocess.run(
            command, input=msgspec.json.encode(request), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PreviewFailed(table=what, why=f"it took more than {seconds:g} seconds") from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise PreviewFailed(table=what, why=last[0] if last else f"the reader ended with {done.returncode}")
    return Preview(columns, msgspec.json.decode(done.stdout, type=tuple[tuple[object, ...], ...]), len(request.files))


def _request(catalog: Catalog, table: Table, limit: int, scratch: Path) -> PreviewRequest:
    kind, options = _reader(table)
    provider = table.parameters.get("spark.sql.sources.provider", "")
    if "table_type" in table.parameters or provider in ("delta", "iceberg"):
        raise _unsupported(table, f"a table of {table.parameters.get('table_type', provider)} is not previewed")
    if kind not in _FORMATS:
        raise _unsupported(table, f"{kind} is not previewed, only {', '.join(_FORMATS)}")
    codec = "none" if kind == "parquet" else table.parameters.get("compressionType", "none")
    if codec not in _CODECS:
        raise _unsupported(table, f"files packed with {codec} are not previewed")
    paths = table.storage.serde.parameters.get("paths", "") if kind == "json" else ""
    return PreviewRequest(
        format=kind,
        files=tuple(islice(_files(catalog, table, scratch), MOST_FILES)),
        columns=table.storage.columns,
        limit=limit,
        codec=_CODECS[codec],
        separator=str(options.get("separator", ",")),
        quote=str(options.get("quoteChar", '"')),
        skip=_skip(table),
        paths=tuple(filter(None, paths.split(","))),
    )


def _reader(table: Table) -> tuple[str, dict[str, object]]:
    try:
        return reader_of(table)
    except UnsupportedSource:
        connection = table.parameters.get("connectionName")
        if connection is None:
            raise
        raise _unsupported(table, f"its rows lie in the database that connection {connection} reaches") from None


def _skip(table: Table) -> int:
    text = table.parameters.get("skip.header.line.count", "0")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        why = f"its skip.header.line.count is {text[:50]!r}, which is no number of lines"
        raise PreviewFailed(table=f"{table.database}.{table.name}", why=why)
    return int(text)


def _unsupported(table: Table, why: str) -> UnsupportedSource:
    return UnsupportedSource(what=f"a preview of {table.database}.{table.name}", why=f"{why}.")


def _files(catalog: Catalog, table: Table, scratch: Path) -> Iterator[PreviewFile]:
    numbers = count()
    if not table.partition_keys:
        yield from _below(table, table.storage.location, {}, scratch, numbers)
        return
    partitions = catalog.list_partitions(table.database, table.name, limit=MOST_FILES).items
    for partition in partitions:
        values = dict(zip(table.key_names, partition.values, strict=True))
        yield from _below(table, partition.storage.location, values, scratch, numbers)


def _below(
    table: Table, location: str | None, values: dict[str, str], scratch: Path, numbers: Iterator[int]
) -> Iterator[PreviewFile]:
    if not location:
        raise _unsupported(table, "its files lie at no location")
    path = local_path(location)
    place = open_place(location if path is None else str(path))
    for folder in list_files(place, ()):
        for file in folder.files:
            inner = "/".join((*folder.path, file.name))
            if path is None:
                remote = Remote(place.root, inner, file.size)
                yield PreviewFile(str(scratch / str(next(numbers))), values, remote)
                continue
            full = str((path.parent if place.only is not None else path) / inner)
            if _PATTERN.search(full):
                raise _unsupported(table, f"{full} has a sign that the reader takes for a pattern (*, ? or [)")
            yield PreviewFile(full, values)
