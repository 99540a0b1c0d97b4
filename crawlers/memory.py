"""What a crawler remembers of a place: every data file that was listed, and what those that were read were found to be.

An answer depends on a file's bytes alone, so one that is remembered is right whatever became of the crawl that found
it. It is kept as Parquet, compact and quick to read; the header alone says whether a listing is the same as before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from operator import itemgetter
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.formats import Finding, Rejected
from crawlers.places import FileEntry, FolderPath
from crawlers.shapes import answer_in, answer_out

VERSION = 1  # raised when the same bytes are found to be something else than before
_HEADER = "isinglass"
Answer = Finding | Rejected
_ROWS_AT_ONCE = 100_000
_FOLDERS_AT_ONCE = 100
_UNREAD: tuple[int | None, int, int] = (None, 0, 0)
_packed = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Header:
    """`listing` is the digest of all files and folders; `rules` what else the answers depend on.

    `complete`: there is an answer for each file that was to be read, and no folder that a log rules.
    """

    listing: str
    rules: str
    complete: bool


@dataclass(frozen=True)
class Remembered:
    """A folder's data files, and the answers of those that were read, by name."""

    files: tuple[FileEntry, ...]
    answers: Mapping[str, Answer]


@dataclass
class Memory:
    """What each folder held, and the folders that a log rules.

    `complete`: each file that was to be read has an answer.
    """

    rules: str
    folders: dict[FolderPath, Remembered] = field(default_factory=dict)
    lakes: list[FolderPath] = field(default_factory=list)
    complete: bool = True

    def put(self, above: str | None, files: Iterable[FileEntry], answers: Mapping[str, Answer]) -> None:
        """Note a folder by its path as text; None is no folder."""
        if above is not None:
            self.folders[tuple(above.split("/")) if above else ()] = Remembered(tuple(files), answers)

    def recall(self, path: FolderPath, files: Iterable[FileEntry]) -> dict[str, Answer]:
        """What a folder's files were found to be, without those that have changed since or were not read."""
        known = self.folders.get(path)
        if known is None:
            return {}
        entries = {file.name: file for file in known.files}
        # Without a sign of its content or time of change, a file of the same size may be another.
        same = (file.name for file in files if entries.get(file.name) == file and (file.etag or file.modified_ms))
        return {name: known.answers[name] for name in same if name in known.answers}


def listing_digest(folders: Iterable[tuple[FolderPath, Sequence[FileEntry]]]) -> str:
    """Equal for equal listings: folders in any order, the files of each as their place lists them, by their names."""
    digest = sha256()
    ordered = sorted(folders, key=itemgetter(0))
    for at in range(0, len(ordered), _FOLDERS_AT_ONCE):
        digest.update(_packed(ordered[at : at + _FOLDERS_AT_ONCE]))
    return digest.hexdigest()


def encode(memory: Memory) -> bytes:
    listing = listing_digest((path, folder.files) for path, folder in memory.folders.items())
    header = {"version": VERSION, "listing": listing, "rules": memory.rules, "lakes": memory.lakes}
    header["complete"] = memory.complete
    shapes = _Shapes()
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, _SCHEMA, compression="zstd") as writer:
        for batch in _batches(memory, shapes):
            writer.write_batch(batch)
        header["shapes"] = [answer_out(answer) for answer in shapes.first]
        writer.add_key_value_metadata({_HEADER: json.dumps(header)})
    return sink.getvalue().to_pybytes()


def _batches(memory: Memory, shapes: _Shapes) -> Iterator[pa.RecordBatch]:
    """Rows by the hundred thousand: all of a million at once would take as much memory again as the listing."""
    columns: list[list[Any]] = [[] for _ in _COLUMNS]
    for path, folder in memory.folders.items():
        files, answer_of = folder.files, folder.answers.get
        if not files:
            continue
        seen = [_UNREAD if (answer := answer_of(file.name)) is None else shapes.of(answer) for file in files]
        found: tuple[Iterable[Any], ...] = (
            ["/".join(path)] * len(files),
            [file.name for file in files],
            [file.size for file in files],
            [file.modified_ms for file in files],
            [file.etag for file in files],
            *zip(*seen, strict=True),
        )
        for column, values in zip(columns, found, strict=True):
            column += values
        if len(columns[0]) >= _ROWS_AT_ONCE:
            yield _batch(columns)
            columns = [[] for _ in _COLUMNS]
    if columns[0]:
        yield _batch(columns)


def _batch(columns: list[list[Any]]) -> pa.RecordBatch:
    arrays = [pa.array(values, kind) for values, kind in zip(columns, _SCHEMA.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


class _Shapes:
    """Numbers for what is the same in many files' answers: all but how much was seen of each file."""

    def __init__(self) -> None:
        self.first: list[Answer] = []
        self.numbers: dict[object, int] = {}

    def of(self, answer: Answer) -> tuple[int | None, int, int]:
        """The answer's number, records and stored bytes."""
        if not isinstance(answer, Finding):
            return self._number(answer, answer), 0, 0
        other = answer.other
        beside = other and replace(other, records=other.records - answer.records, stored=other.stored - answer.stored)
        return self._number((answer.schema, answer.notes, beside), answer), answer.records, answer.stored

    def _number(self, key: object, answer: Answer) -> int:
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.first)
            self.first.append(answer)
        return number


def read_header(body: bytes) -> Header | None:
    """None for what another version of this program wrote."""
    header = _header(body)
    return (
        None
        if header is None
        else Header(header["listing"], header["rules"], header["complete"] and not header["lakes"])
    )


def decode(body: bytes) -> Memory | None:
    """None for what another version of this program wrote."""
    header = _header(body)
    if header is None:
        return None
    memory = Memory(header["rules"], lakes=[tuple(path) for path in header["lakes"]], complete=header["complete"])
    answers: dict[tuple[int, int, int], Answer] = {}
    above: str | None = None
    files: list[FileEntry] = []
    found: dict[str, Answer] = {}
    for batch in pq.ParquetFile(pa.BufferReader(body)).iter_batches(_ROWS_AT_ONCE):
        for folder, name, size, modified_ms, etag, *key in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            if folder != above:
                memory.put(above, files, found)
                above, files, found = folder, [], {}
            files.append(FileEntry(name, size, modified_ms, etag))
            answer = _answer(header["shapes"], answers, *key)
            if answer is not None:
                found[name] = answer
    memory.put(above, files, found)
    return memory


def _answer(
    shapes: list[Any], answers: dict[tuple[int, int, int], Answer], shape: int | None, records: int, stored: int
) -> Answer | None:
    if shape is None:
        return None
    key = (shape, records, stored)
    if key not in answers:
        answers[key] = answer_in(shapes[shape], records, stored)
    return answers[key]


def _header(body: bytes) -> Any:
    metadata = pq.read_metadata(pa.BufferReader(body)).metadata or {}
    header = json.loads(metadata.get(_HEADER.encode(), b"{}"))
    return header if header.get("version") == VERSION else None


_COLUMNS: dict[str, pa.DataType] = {
    "folder": pa.string(),
    "name": pa.string(),
    "size": pa.int64(),
    "modified_ms": pa.int64(),
    "etag": pa.string(),
    "shape": pa.int32(),
    "records": pa.int64(),
    "stored": pa.int64(),
}
_SCHEMA = pa.schema(_COLUMNS)
