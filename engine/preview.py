"""A few rows of a table, read by DuckDB in a process of its own that may open the table's files and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from catalog.catalog import Catalog
from catalog.model import Column, Table
from crawlers.listing import list_files
from crawlers.places import local_path, open_place
from engine.errors import PreviewFailed, UnsupportedSource
from engine.resolve import reader_of

MOST_ROWS = 1_000
MOST_FILES = 50
SECONDS = 20.0
_PATTERN = re.compile(r"[*?\[]")
_FORMATS = ("csv", "json", "parquet")
_CODECS = {"none": "none", "gzip": "gzip", "zstd": "zstd"}


@dataclass(frozen=True)
class PreviewFile:
    """A file, and the values of its partition by key."""

    path: str
    partition: dict[str, str]


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


def preview(catalog: Catalog, database: str, name: str, limit: int, seconds: float = SECONDS) -> Preview:
    """The first rows of the first files. Raises NotFound; UnsupportedSource for a format, codec or place that is not
    previewed; PlaceNotFound; PreviewFailed for files that cannot be read, or not in time.
    """
    table = catalog.get_table(database, name)
    request = _request(catalog, table, min(limit, MOST_ROWS))
    columns = tuple(column.name for column in table.all_columns)
    if not request.files:
        return Preview(columns, (), 0)
    command = [sys.executable, "-I", "-m", "engine.previewing"]
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


def _request(catalog: Catalog, table: Table, limit: int) -> PreviewRequest:
    kind, options = reader_of(table)
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
        files=tuple(_first(_files(catalog, table))),
        columns=table.storage.columns,
        limit=limit,
        codec=_CODECS[codec],
        separator=str(options.get("separator", ",")),
        quote=str(options.get("quoteChar", '"')),
        skip=_skip(table),
        paths=tuple(filter(None, paths.split(","))),
    )


def _skip(table: Table) -> int:
    text = table.parameters.get("skip.header.line.count", "0")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        why = f"its skip.header.line.count is {text[:50]!r}, which is no number of lines"
        raise PreviewFailed(table=f"{table.database}.{table.name}", why=why)
    return int(text)


def _unsupported(table: Table, why: str) -> UnsupportedSource:
    return UnsupportedSource(what=f"a preview of {table.database}.{table.name}", why=f"{why}.")


def _first(files: Iterator[PreviewFile]) -> Iterator[PreviewFile]:
    for _ in range(MOST_FILES):
        found = next(files, None)
        if found is None:
            return
        yield found


def _files(catalog: Catalog, table: Table) -> Iterator[PreviewFile]:
    if not table.partition_keys:
        yield from _below(table, table.storage.location, {})
        return
    partitions = catalog.list_partitions(table.database, table.name, limit=MOST_FILES).items
    for partition in partitions:
        values = dict(zip(table.key_names, partition.values, strict=True))
        yield from _below(table, partition.storage.location, values)


def _below(table: Table, location: str | None, values: dict[str, str]) -> Iterator[PreviewFile]:
    path = local_path(location) if location else None
    if path is None:
        raise _unsupported(table, f"its files lie at {location or 'no location'}, and only local files are previewed")
    place = open_place(str(path))
    for folder in list_files(place, ()):
        for file in folder.files:
            here = path.parent if place.only is not None else path
            full = str(here.joinpath(*folder.path, file.name))
            if _PATTERN.search(full):
                raise _unsupported(table, f"{full} has a sign that the reader takes for a pattern (*, ? or [)")
            yield PreviewFile(full, values)
