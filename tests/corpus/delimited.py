"""Delimited text, as people and programs write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas
import pyarrow as pa
import pyarrow.csv as arrow_csv

from tests.corpus.case import Case
from tests.corpus.tables import SHAPES, Made, make

SIGNS = {"comma": ",", "tab": "\t", "pipe": "|", "semicolon": ";", "ctrl_a": "\x01"}


def cases() -> Iterator[Case]:
    yield from _dialects()
    yield from _writers()
    yield from _without_header()
    yield from _encodings()
    yield from _quoting()
    yield from _around_the_table()
    yield from _cells()


def text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ")
        case _:
            return str(value)


def written(made: Made, sign: str = ",", header: bool = True, end: str = "\n", **dialect: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sign, lineterminator=end, **dialect)
    if header:
        writer.writerow(made.names)
    writer.writerows([text(value) for value in row] for row in made.rows)
    return out.getvalue()


def _case(name: str, data: str | bytes, columns: dict[str, str], ending: str = ".csv") -> Case:
    return Case(f"csv_{name}", data.encode() if isinstance(data, str) else data, "csv", columns, ending)


def _strings(columns: dict[str, str]) -> dict[str, str]:
    """What headerless columns are called: by their place."""
    return {f"col{at}": kind for at, kind in enumerate(columns.values())}


def _dialects() -> Iterator[Case]:
    for shape in SHAPES:
        for name, sign in SIGNS.items():
            made = make(shape, 1, missing=0.1 if name in ("comma", "semicolon") else 0.0)
            end = "\r\n" if name == "semicolon" else "\n"
            yield _case(f"{shape}_{name}", written(made, sign, end=end), made.truth("text"))


def _writers() -> Iterator[Case]:
    for shape in ("people", "orders", "places", "ledger"):
        made = make(shape, 2, rows=60)
        records = [dict(zip(made.names, row, strict=True)) for row in made.rows]
        frame, table = pandas.DataFrame(records), pa.Table.from_pylist(records)
        yield _case(f"pandas_{shape}", frame.to_csv(index=False), made.truth("text"))
        yield _case(f"pandas_index_{shape}", frame.to_csv(), {"col0": "bigint"} | made.truth("text"))
        sunk = pa.BufferOutputStream()
        arrow_csv.write_csv(table, sunk)
        yield _case(f"arrow_{shape}", sunk.getvalue().to_pybytes(), made.truth("text"))
        with TemporaryDirectory() as folder:
            duckdb.from_arrow(table).write_csv(f"{folder}/out.csv")
            yield _case(f"duckdb_{shape}", Path(folder, "out.csv").read_bytes(), made.truth("text"))


def _without_header() -> Iterator[Case]:
    for shape in SHAPES:
        for name in ("comma", "pipe", "tab"):
            made = make(shape, 3)
            yield _case(f"bare_{shape}_{name}", written(made, SIGNS[name], header=False), _strings(made.truth("text")))


def _encodings() -> Iterator[Case]:
    for shape in ("people", "places", "words_only"):
        made = make(shape, 4)
        plain, truth = written(made), made.truth("text")
        yield _case(f"bom_{shape}", b"\xef\xbb\xbf" + plain.encode(), truth)
        yield _case(f"utf16_{shape}", plain.encode("utf-16"), truth)
        yield _case(f"utf16be_{shape}", b"\xfe\xff" + plain.encode("utf-16-be"), truth)
        yield _case(f"cr_{shape}", plain.replace("\n", "\r\n"), truth, ".txt")
        yield _case(f"latin1_{shape}", plain.encode("latin-1", errors="replace"), truth)
        yield _case(f"wrong_ending_{shape}", plain, truth, ".json")


def _quoting() -> Iterator[Case]:
    for shape in ("people", "tickets", "ledger", "orders"):
        made = make(shape, 5)
        truth = made.truth("text")
        yield _case(f"all_quoted_{shape}", written(made, quoting=csv.QUOTE_ALL), truth)
        yield _case(f"text_quoted_{shape}", written(made, ";", quoting=csv.QUOTE_NONNUMERIC), truth)
        yield _case(f"single_quoted_{shape}", written(made, quotechar="'", quoting=csv.QUOTE_MINIMAL), truth)
        broken = Made(made.columns, tuple((*row[:2], _with_commas(row[2]), *row[3:]) for row in made.rows))
        columns = dict(truth)
        columns[list(columns)[2]] = "string"
        yield _case(f"quoted_commas_{shape}", written(broken), columns)
        torn = Made(
            made.columns, tuple((*row[:2], f'first line\nsaid "{text(row[2])}"', *row[3:]) for row in made.rows)
        )
        yield _case(f"quoted_newlines_{shape}", written(torn), columns)


def _with_commas(value: Any) -> str:
    return f"{text(value)}, and more"


def _around_the_table() -> Iterator[Case]:
    for shape in ("people", "orders", "ledger"):
        made = make(shape, 6)
        plain, truth = written(made), made.truth("text")
        width = len(made.columns)
        yield _case(f"comment_{shape}", f"# exported 2024-05-01\n# by: the shop\n{plain}", truth)
        yield _case(f"preamble_{shape}", f"Monthly report\nAll branches\n\n{plain}", truth)
        yield _case(f"footer_{shape}", f"{plain}Total rows: {len(made.rows)}\n", truth)
        yield _case(f"blank_lines_{shape}", plain.replace("\n", "\n\n"), truth)
        yield _case(f"no_last_newline_{shape}", plain.rstrip("\n"), truth)
        trailing = "".join(f"{line},\n" for line in plain.splitlines())
        yield _case(f"trailing_sign_{shape}", trailing, truth | {f"col{width}": "string"})
        ragged = "".join(
            line + ("" if number % 9 else ",extra") + "\n" for number, line in enumerate(plain.splitlines(), 1)
        )
        yield _case(f"ragged_{shape}", ragged, truth)
        # Hive's reader takes " 7" for no whole number, so that text alone holds it.
        spaced = {name: "string" if at and kind == "bigint" else kind for at, (name, kind) in enumerate(truth.items())}
        yield _case(f"spaces_{shape}", plain.replace(",", ", "), spaced)
        upper = plain.replace(",".join(made.names), ",".join(f"The {name.upper()}" for name in made.names), 1)
        yield _case(f"spoken_header_{shape}", upper, {f"the {name}": kind for name, kind in truth.items()})
        long = written(make(shape, 7, rows=3_000))
        yield _case(f"long_{shape}", long, truth)
        yield _case(f"two_rows_{shape}", written(make(shape, 8, rows=2)), truth)


def _cells() -> Iterator[Case]:
    """Columns of cells that look like one thing and are another."""
    columns: dict[str, tuple[str, list[str]]] = {
        "zip": ("string", ["00501", "02134", "10001", "94105", "00745", "30301"]),
        "grouped": ("string", ["1,204", "17", "2,930,112", "4", "55,010", "9"]),
        "percent": ("string", ["12%", "3.5%", "0%", "100%", "7%", "18%"]),
        "scientific": ("double", ["1e5", "2.5E-3", "7e10", "-1.25e+4", "6e0", "9.9e-12"]),
        "signed": ("bigint", ["+5", "-3", "+12", "-40", "0", "7"]),
        "huge": ("string", ["123456789012345678901234567890"] * 6),
        "late_text": ("string", ["1", "2", "3", "4", "5", "n/a"]),
        "late_fraction": ("double", ["1", "2", "3", "4", "5", "6.5"]),
        "special": ("double", ["1.5", "NaN", "2.5", "Infinity", "-Infinity", "3.25"]),
        "hex": ("string", ["0x1F", "0xA0", "0x00", "0xFF", "0x10", "0x7B"]),
        "european": ("string", ["1.204,50", "17,00", "2.930,11", "4,25", "55,01", "9,99"]),
        "hour": ("string", ["08:15", "09:30", "10:45", "12:00", "17:20", "23:59"]),
        "address": ("string", ["10.0.0.1", "10.0.0.2", "192.168.1.9", "8.8.8.8", "1.1.1.1", "127.0.0.1"]),
        "version": ("string", ["1.0.2", "1.0.10", "2.3.1", "2.4.0", "3.0.0", "3.1.4"]),
        "card": ("string", ["4111-1111", "5500-0000", "3400-0000", "3000-0000", "6011-0000", "2014-0000"]),
        "empty": ("string", [""] * 6),
        "yes_no": ("string", ["yes", "no", "yes", "yes", "no", "no"]),
        "gaps": ("bigint", ["4", "", "6", "", "8", "9"]),
        "null_word": ("bigint", ["4", "NULL", "6", "\\N", "8", "9"]),
        "padded": ("string", [" 4", " 5", "16", "  7", " 8", " 9"]),
        "dotted": ("double", [".5", "1.", "0.25", ".75", "2.", "3.5"]),
        "money": ("string", ["$4.50", "$17.00", "$0.99", "$1.25", "$8.00", "$3.10"]),
    }
    for name, (kind, cells) in columns.items():
        rows = "".join(f"{at};{cell};row {at}\n" for at, cell in enumerate(cells * 3, 1))
        yield _case(f"cells_{name}", f"id;{name};label\n{rows}", {"id": "bigint", name: kind, "label": "string"})
    wide = ",".join(f"c{at}" for at in range(800))
    row = ",".join(str(at) for at in range(800))
    yield _case("wide", f"{wide}\n{row}\n{row}\n{row}\n", {f"c{at}": "bigint" for at in range(800)})
    twice = "name,name,Name,id\n" + "".join(f"a,b,c,{at}\n" for at in range(9))
    truth = {"name": "string", "name_1": "string", "name_2": "string", "id": "bigint"}
    yield _case("same_names", twice, truth)
