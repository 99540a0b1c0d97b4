"""Tables of many fields of life, made from a seed: column names, values, and the type that each column truly has."""

from __future__ import annotations

import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any


def _words(text: str) -> list[str]:
    return text.split("|" if "|" in text else " ")


_FIRST = _words(
    "Ana Björn Chloë Dmitri Elif Femi Grace Hồng Igor João Kemal Lê Mårten Nia Oğuz Pia Quinn Rosa Søren Tariq"
)
_LAST = _words("O'Neil Müller Sánchez Ivanov Yılmaz Adeyemi Hopper Nguyễn Petrov Costa Şahin Larsson Mbeki Rossi")
_CITIES = _words("Oslo|New York|São Paulo|Zürich|Kraków|Saint-Denis|Los Angeles|東京|Córdoba|Mexico City")
_WORDS = _words("late fee refund blue kettle broken ordered again shipped to depot seven north gate returned by hand")
_NOON = datetime(2024, 3, 10, 12, tzinfo=UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Kind:
    """How values of a column are made. `text` is its type where files hold text alone (CSV, XML); `json` in JSON;
    `typed` where the format has types. A type is Hive's."""

    make: Callable[[Random, int], Any]
    text: str
    json: str
    typed: str


def _name(random: Random, row: int) -> str:
    return f"{random.choice(_FIRST)} {random.choice(_LAST)}"


def _remark(random: Random, row: int) -> str:
    return " ".join(random.choices(_WORDS, k=random.randint(2, 9)))


def _code(random: Random, row: int) -> str:
    return "".join(random.choices(string.ascii_uppercase, k=3)) + f"-{random.randint(10, 99)}"


def _moment(random: Random, row: int) -> datetime:
    return _NOON + timedelta(minutes=row * 7, seconds=random.randint(0, 59))


def _day(random: Random, row: int) -> date:
    return date(2023, 1, 1) + timedelta(days=random.randint(0, 700))


def _key(random: Random, row: int) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


KINDS: dict[str, Kind] = {
    "serial": Kind(lambda random, row: row + 1, "bigint", "int", "bigint"),
    "small": Kind(lambda random, row: random.randint(-40, 40), "bigint", "int", "bigint"),
    "big": Kind(lambda random, row: random.randint(10**11, 10**15), "bigint", "bigint", "bigint"),
    "price": Kind(lambda random, row: random.randint(1, 99999) / 100 + 0.001, "double", "double", "double"),
    "tiny": Kind(lambda random, row: (random.random() - 0.5) * 1e-9, "double", "double", "double"),
    "name": Kind(_name, "string", "string", "string"),
    "city": Kind(lambda random, row: random.choice(_CITIES), "string", "string", "string"),
    "code": Kind(_code, "string", "string", "string"),
    "remark": Kind(_remark, "string", "string", "string"),
    "day": Kind(_day, "string", "string", "date"),
    "moment": Kind(_moment, "string", "string", "timestamp"),
    "flag": Kind(lambda random, row: random.random() < 0.4, "string", "boolean", "boolean"),
    "key": Kind(_key, "string", "string", "string"),
    "money": Kind(lambda random, row: Decimal(random.randint(1, 10**8)) / 100, "double", "double", "decimal(12,2)"),
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """`columns` are (name, kind); `rows` their values, None where one is missing."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    def truth(self, of: str) -> dict[str, str]:
        """The columns as a table has them, by the types of `text`, `json` or `typed` files."""
        return {name.lower(): getattr(KINDS[kind], of) for name, kind in self.columns}


SHAPES: dict[str, tuple[tuple[str, str], ...]] = {
    "people": (("id", "serial"), ("full_name", "name"), ("city", "city"), ("born", "day"), ("member", "flag")),
    "orders": (("order_id", "big"), ("sku", "code"), ("qty", "small"), ("unit_price", "price"), ("placed", "moment")),
    "sensors": (("ts", "moment"), ("device", "key"), ("temp", "price"), ("drift", "tiny"), ("ok", "flag")),
    "tickets": (("Ticket", "serial"), ("Opened", "day"), ("Summary", "remark"), ("Owner", "name")),
    "places": (("city", "city"), ("population", "big"), ("elevation", "small"), ("area", "price")),
    "ledger": (("entry", "serial"), ("booked", "day"), ("amount", "money"), ("text", "remark"), ("account", "code")),
    "words_only": (("given", "name"), ("town", "city"), ("note", "remark")),
    "numbers_only": (("a", "small"), ("b", "price"), ("c", "serial")),
}  # fmt: skip


def make(shape: str, seed: int, rows: int = 40, missing: float = 0.0) -> Made:
    """A table of a shape; `missing` is the share of values that are absent, never in the first row or column."""
    random = Random(f"{shape}/{seed}")
    columns = SHAPES[shape]
    found = []
    for row in range(rows):
        values = [KINDS[kind].make(random, row) for _, kind in columns]
        found.append(
            tuple(None if at and row and random.random() < missing else value for at, value in enumerate(values))
        )
    return Made(columns, tuple(found))
