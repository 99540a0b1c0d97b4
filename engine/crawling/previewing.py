"""The process that reads a preview's rows: a request on standard input, rows as JSON on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from catalog.errors import DomainError
from engine.crawling.preview import PreviewFile, PreviewRequest

_MEMORY = "512MB"
_CASTS = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "BIGINT"),
    **dict.fromkeys(("float", "double"), "DOUBLE"),
    "boolean": "BOOLEAN",
}


def main() -> None:
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=PreviewRequest)
    connection = locked(request)
    rows: list[list[object]] = []
    try:
        for file in request.files:
            if len(rows) >= request.limit:
                break
            if file.remote is not None:
                from engine.crawling.fetching import fetch  # brings PyArrow, which is slow to come

                fetch(file.remote, Path(file.path), request.format, request.limit)
            rows += _rows(connection, request, file, request.limit - len(rows))
    except (duckdb.Error, OSError, DomainError) as error:
        sys.exit(f"{file.shown}: {_told(error).replace(file.path, file.shown)}")
    sys.stdout.buffer.write(msgspec.json.encode(rows, enc_hook=str))


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error).splitlines()[0]


def locked(request: PreviewRequest) -> duckdb.DuckDBPyConnection:
    """A database in memory that opens the request's files, no other, no network, and no extension."""
    connection = duckdb.connect()
    paths = ", ".join(_text(file.path) for file in request.files)
    for setting in (
        f"allowed_paths = [{paths}]",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "enable_external_access = false",
        f"memory_limit = '{_MEMORY}'",
        "threads = 1",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def _rows(
    connection: duckdb.DuckDBPyConnection, request: PreviewRequest, file: PreviewFile, limit: int
) -> Iterator[list[object]]:
    keys = list(file.partition.values())
    codec = "none" if file.remote else request.codec
    source = _SOURCES[request.format](connection, request, file.path, codec)
    for row in connection.execute(f"{source} LIMIT {limit}").fetchall():
        yield [*(map(_decoded, row) if request.format == "json" else row), *keys]


def _decoded(text: str | None) -> object:
    return None if text is None else msgspec.json.decode(text)


def _csv(_connection: duckdb.DuckDBPyConnection, request: PreviewRequest, path: str, codec: str) -> str:
    columns = ", ".join(f"{_text(f'c{place}')}: 'VARCHAR'" for place in range(len(request.columns)))
    cells = ", ".join(
        f"TRY_CAST(c{place} AS {_CASTS[column.type]})" if column.type in _CASTS else f"c{place}"
        for place, column in enumerate(request.columns)
    )
    return (
        f"SELECT {cells} FROM read_csv({_text(path)}, auto_detect = false, header = false, skip = {request.skip}, "
        f"delim = {_text(request.separator)}, quote = {_text(request.quote)}, columns = {{{columns}}}, "
        f"nullstr = '\\N', null_padding = true, strict_mode = false, ignore_errors = true, hive_partitioning = false, "
        f"compression = {_text(codec)})"
    )


def _json(_connection: duckdb.DuckDBPyConnection, request: PreviewRequest, path: str, codec: str) -> str:
    spelled = {name.lower(): name for name in request.paths}
    names = [spelled.get(column.name, column.name) for column in request.columns]
    columns = ", ".join(f"{_text(name)}: 'JSON'" for name in names)
    return (
        f"SELECT {', '.join(map(_name, names))} FROM read_json({_text(path)}, columns = {{{columns}}}, "
        f"ignore_errors = true, format = 'newline_delimited', hive_partitioning = false, "
        f"compression = {_text(codec)})"
    )


def _parquet(connection: duckdb.DuckDBPyConnection, request: PreviewRequest, path: str, _codec: str) -> str:
    """A column that the file lacks is NULL, as it is to every reader of the table."""
    source = f"read_parquet({_text(path)}, hive_partitioning = false)"
    there = {name.lower() for name, *_ in connection.execute(f"SELECT * FROM {source} LIMIT 0").description or ()}
    cells = ", ".join(_name(column.name) if column.name in there else "NULL" for column in request.columns)
    return f"SELECT {cells} FROM {source}"


_SOURCES: dict[str, Any] = {"csv": _csv, "json": _json, "parquet": _parquet}


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    main()
