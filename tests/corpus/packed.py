"""Whole files packed by another program, XML, and the logs of well-known servers."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from random import Random
from xml.sax.saxutils import escape, quoteattr

import cramjam

from tests.corpus.case import Case
from tests.corpus.delimited import text, written
from tests.corpus.json_files import lines, records
from tests.corpus.tables import SHAPES, make


def _zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", data)
    return out.getvalue()


def _members(data: bytes) -> bytes:
    middle = data.index(b"\n", len(data) // 2) + 1
    return gzip.compress(data[:middle]) + gzip.compress(data[middle:])


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip_members": _members,
    "bzip2": bz2.compress,
    "zstd": lambda data: bytes(cramjam.zstd.compress(data)),
    "lz4": lambda data: bytes(cramjam.lz4.compress(data)),
    "snappy": lambda data: bytes(cramjam.snappy.compress(data)),
    "zip": _zip,
}


def cases() -> Iterator[Case]:
    for codec, pack in CODECS.items():
        for shape in ("people", "orders", "places"):
            made = make(shape, 31)
            columns = made.truth("text")
            yield Case(f"csv_{codec}_{shape}", pack(written(made).encode()), "csv", columns, ".csv")
            columns = made.truth("json")
            yield Case(f"json_{codec}_{shape}", pack(lines(records(made)).encode()), "json", columns)
    yield from _xml()
    yield from _logs()


def _xml() -> Iterator[Case]:
    for shape in SHAPES:
        made = make(shape, 32)
        truth = made.truth("text") | {name: "boolean" for name, kind in made.columns if kind == "flag"}
        rows = [dict(zip(made.names, map(text, row), strict=True)) for row in made.rows]
        elements = ["".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items()) for row in rows]
        body = "\n".join(f"  <row>{element}</row>" for element in elements)
        start = '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield Case(f"xml_{shape}", f"{start}<rows>\n{body}\n</rows>".encode(), "xml", truth, ".xml")
        attributes = [" ".join(f"{name}={quoteattr(value)}" for name, value in row.items()) for row in rows]
        body = "".join(f"<row {each}></row>" for each in attributes)
        prefixed = {f"_{name}": kind for name, kind in truth.items()}
        yield Case(f"xml_attributes_{shape}", f"<rows>{body}</rows>".encode(), "xml", prefixed)


_AGENTS = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.1.2", "Googlebot/2.1 (+http://www.google.com/bot.html)"]


def _logs() -> Iterator[Case]:
    """Their columns are not scored: the names that a pattern gives are a choice."""
    random = Random(33)

    def access(number: int) -> str:
        moment = f"{number % 28 + 1:02}/Oct/2023:13:{number % 60:02}:36 -0700"
        size = "-" if number % 7 == 0 else str(random.randint(100, 9999))
        return f'10.1.{number % 200}.4 - frank [{moment}] "GET /a/{number}?x=1 HTTP/1.1" 200 {size}'

    plain = [access(number) for number in range(60)]
    combined = [f'{line} "http://example.com/start" "{random.choice(_AGENTS)}"' for line in plain]
    squid = [
        f"15{number:08}.123 {number % 900} 10.0.0.{number % 250} TCP_MISS/200 {number * 7} GET http://e.com/{number} -"
        " DIRECT/93.184.216.34 text/html"
        for number in range(60)
    ]
    linux = [
        f"Oct {number % 28 + 1:2} 10:{number % 60:02}:01 host1 sshd[{number}]: session opened for user root"
        for number in range(60)
    ]
    ruby = [
        f"I, [2024-05-{number % 28 + 1:02}T10:00:{number % 60:02}.123456 #{number + 100}]  INFO -- : done with {number}"
        for number in range(60)
    ]
    for name, found in {
        "combined_apache": combined, "apache": plain, "squid": squid, "linux_kernel": linux, "ruby_logger": ruby,
    }.items():  # fmt: skip
        data = "".join(f"{line}\n" for line in found).encode()
        yield Case(f"log_{name}", data, name, {}, ".log")
        yield Case(f"log_gzip_{name}", gzip.compress(data), name, {}, ".gz")
