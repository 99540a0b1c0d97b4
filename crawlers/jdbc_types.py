"""A database's column types as Hive's. Pure."""

from __future__ import annotations

from typing import Any

from sqlalchemy import types as sql
from sqlalchemy.dialects import mysql, postgresql

_MOST_DIGITS = 38
_SINGLE = 24  # MySQL's FLOAT of more bits is a double

# The first that fits stands; SQLAlchemy's own types of a dialect derive from its general ones.
_PLAIN: tuple[tuple[type[Any], str], ...] = (
    (sql.Boolean, "boolean"),
    (mysql.TINYINT, "tinyint"),
    (sql.BigInteger, "bigint"),
    (sql.SmallInteger, "smallint"),
    (sql.Integer, "int"),
    (sql.Double, "double"),
    (sql.REAL, "float"),
    (sql.DateTime, "timestamp"),
    (sql.Date, "date"),
    (postgresql.BYTEA, "binary"),
    (sql.LargeBinary, "binary"),
    (sql._Binary, "binary"),
    (mysql.YEAR, "int"),
)
# SQLite's columns say what they would like to hold: any number in them has 64 bits.
_OF_SQLITE = {"tinyint": "bigint", "smallint": "bigint", "int": "bigint", "float": "double"}
_UNSIGNED = {"tinyint": "smallint", "smallint": "int", "int": "bigint", "bigint": "decimal(20,0)"}


def hive_type(found: sql.TypeEngine[Any], engine: str) -> str:
    """What a reader of the table is given: the narrowest Hive type that holds all values, string where none does.

    `engine` is the store's name: postgresql, mysql, sqlite.
    """
    name = _general(found)
    return _OF_SQLITE.get(name, name) if engine == "sqlite" else name


def _general(found: sql.TypeEngine[Any]) -> str:
    if isinstance(found, postgresql.ARRAY):
        dimensions = found.dimensions or 1
        return "array<" * dimensions + _general(found.item_type) + ">" * dimensions
    if isinstance(found, postgresql.DOMAIN):
        return _general(found.data_type)
    if isinstance(found, mysql.BIT):
        return "boolean" if (found.length or 1) == 1 else "binary"
    if isinstance(found, mysql.TINYINT) and found.display_width == 1:
        return "boolean"  # what MySQL and MariaDB make of BOOLEAN
    if isinstance(found, sql.Float) and not isinstance(found, (sql.Double, sql.REAL)):
        return "float" if isinstance(found, mysql.FLOAT) and (found.precision or 0) <= _SINGLE else "double"
    if isinstance(found, sql.Numeric) and not isinstance(found, sql.Float):
        return _decimal(found)
    plain = next((name for kind, name in _PLAIN if isinstance(found, kind)), "string")
    return _UNSIGNED.get(plain, plain) if getattr(found, "unsigned", False) else plain


def _decimal(found: sql.Numeric[Any]) -> str:
    """Digits without a limit, or more than Hive's 38, are kept as text: rounding would lose some silently."""
    scale = found.scale or 0
    digits = max(found.precision or 0, scale)  # PostgreSQL's may have more of them behind the point than at all
    if found.precision is None or digits > _MOST_DIGITS or scale < 0:
        return "string"
    return f"decimal({digits},{scale})"
