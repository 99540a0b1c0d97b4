"""What every format answers: do I recognise this head, what are its columns, and how does a table of it read.

One module per format; each is a `Format`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import BinaryIO, Protocol

from catalog.model import Parameters
from catalog.types import HiveType
from crawlers.model import HeaderDetection

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


@dataclass(frozen=True)
class Options:
    """What the crawler's definition says about recognising files. `custom` recognisers are asked first, in order."""

    header_detection: HeaderDetection = HeaderDetection.IMPROVED
    custom: tuple[Recogniser, ...] = ()


@dataclass(frozen=True)
class Head:
    """The beginning of a file, unpacked. `whole`: nothing follows. `stored`: how many bytes of the file it took.

    `handle` is the open file for formats that must look elsewhere in it (Parquet's footer). `more(limit)` is the head
    again with up to `limit` bytes.
    """

    data: bytes
    whole: bool
    stored: int
    size: int
    handle: BinaryIO
    more: Callable[[int], Head]


@dataclass(frozen=True, slots=True)
class Field:
    """A column as the file spells it, with the type its values need."""

    name: str
    type: HiveType


@dataclass(frozen=True)
class Schema:
    """Columns in file order, and what else must agree.

    `traits` are (name, value) pairs in which all files of one table must be equal: format, compression, delimiter, …
    `marks` are facts of which one file is enough to decide for the table, such as a quoted delimiter. `sources` are
    the files' own texts of their schema, where a table has to carry it (Avro). `classifiers` are the names of the
    custom classifiers that knew the files; a built-in format has none.
    """

    format: str
    traits: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]
    marks: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()

    @property
    def classification(self) -> str:
        """What the table is classified as: its format, unless that is one of many that read alike (log formats)."""
        return self.trait("classification") or self.format

    def trait(self, name: str) -> str:
        return dict(self.traits).get(name, "")

    @cached_property
    def _hash(self) -> int:
        return hash((self.format, self.traits, self.fields, self.marks, self.sources, self.classifiers))

    def __hash__(self) -> int:
        return self._hash  # every file's schema is looked up several times, and has all of its types in it

    def __reduce__(self) -> tuple[type[Schema], tuple[object, ...]]:
        return Schema, tuple(getattr(self, each.name) for each in fields(self))  # another process hashes otherwise


@dataclass(frozen=True)
class Finding:
    """What one file turned out to be. `records` were seen in `stored` of the file's bytes; `notes` are for the log.

    `other` is the same file with the opposite view of its first row, if its cells cannot say whether that is a header.
    """

    schema: Schema
    records: int
    stored: int
    notes: tuple[str, ...] = ()
    other: Finding | None = None


@dataclass(frozen=True)
class Rejected:
    """Why a head is not of a format. `final`: it is, but no table comes of it, so no other format need be asked.

    `likely`: it begins like one, so this reason says more than those of other formats.
    """

    why: str
    final: bool = False
    likely: bool = False


Recogniser = Callable[[Head, Options], Finding | Rejected]


@dataclass(frozen=True)
class Layout:
    """How a table of a format reads: the storage descriptor's classes and SerDe settings, and its table parameters.

    `caveat`: which readers do not read such a table, for the log.
    """

    input_format: str
    output_format: str
    serde: str | None
    serde_parameters: Parameters
    parameters: Parameters = field(default_factory=dict)
    caveat: str = ""
    untyped: bool = False  # every column is string to this SerDe, whatever was inferred


class Format(Protocol):
    """What a format's module offers."""

    NAME: str

    def examine(self, head: Head, options: Options, /) -> Finding | Rejected:
        """What the file is, if it is of this format. Raises Unreadable if it is, but damaged."""
        ...

    def conflict(self, a: Schema, b: Schema, /) -> str | None:
        """Why no one table can read files of both schemas; None if one can."""
        ...

    def storage(self, schema: Schema, /) -> Layout:
        """How a table of this schema reads."""
        ...
