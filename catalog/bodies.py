"""A table's definition as the text that the database keeps, and back.

Lists of columns are most of a text, and tables and their versions mostly repeat them. So they are written and read
once: what is read is the list that was written, and equal to it at no cost.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

import msgspec
from msgspec.structs import asdict

from catalog.model import Column, StorageDescriptor, Table
from catalog.once import Once

# A body says nothing of these, which have columns of their own in the database or follow from the row.
UNNAMED: dict[str, Any] = {
    "database": "",
    "name": "",
    "version": 0,
    "token": 0,
    "created_at": None,
    "updated_at": None,
}
_MOST, _LONGEST = 256, 16_384  # lists of columns that are kept, and the bytes of one


def _stored(shape: type[Any], **others: tuple[Any, Any]) -> Any:
    """A struct with the fields of the dataclass `shape`, except that `others` have another type and default."""
    types = get_type_hints(shape)
    own = {each.name: (types[each.name], _default(each)) for each in fields(shape)}
    told = [(name, *kind) for name, kind in {**own, **others}.items()]
    return msgspec.defstruct(f"Stored{shape.__name__}", told, kw_only=True)


def _default(field: Field[Any]) -> Any:
    """As msgspec has it: what an older release wrote may lack the field."""
    if field.default_factory is not MISSING:
        return msgspec.field(default_factory=field.default_factory)
    return msgspec.NODEFAULT if field.default is MISSING else msgspec.field(default=field.default)


_COLUMNS = msgspec.Raw, msgspec.field(default=msgspec.Raw(b"[]"))
_StoredStorage = _stored(StorageDescriptor, columns=_COLUMNS)
_StoredTable = _stored(
    Table, storage=(_StoredStorage, msgspec.field(default_factory=_StoredStorage)), partition_keys=_COLUMNS
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_StoredTable).decode
_decode_columns = msgspec.json.Decoder(tuple[Column, ...]).decode
_lists: dict[bytes, tuple[Column, ...]] = {}


def body_of(table: Table) -> str:
    storage = _storage(table.storage, _written(table.storage.columns))
    keys = _written(table.partition_keys)
    return _encode(with_fields(table, **UNNAMED, storage=storage, partition_keys=keys)).decode()


def table_of(body: str, **unnamed: object) -> Table:
    """`unnamed` are the fields in UNNAMED."""
    stored = asdict(_decode(body))
    columns = _read(stored["storage"].columns)
    storage = object.__new__(StorageDescriptor)
    storage.__dict__.update(asdict(stored["storage"]), columns=columns)
    table = object.__new__(Table)
    table.__dict__.update(stored, storage=storage, partition_keys=_read(stored["partition_keys"]), **unnamed)
    return table


def with_fields(table: Table, **changed: object) -> Table:
    """As `replace`, which asks the class about each of its fields and takes four times as long."""
    made = object.__new__(Table)
    made.__dict__.update(table.__dict__, **changed)
    return made


def _storage(storage: StorageDescriptor, columns: object) -> StorageDescriptor:
    made = object.__new__(StorageDescriptor)
    made.__dict__.update(storage.__dict__, columns=columns)
    return made


def _write(columns: tuple[Column, ...]) -> msgspec.Raw:
    text = _encode(columns)
    _keep(text, columns)
    return msgspec.Raw(text)


_written = Once(_write)


def _read(raw: msgspec.Raw) -> tuple[Column, ...]:
    text = bytes(raw)
    known = _lists.get(text)
    return _keep(text, _decode_columns(text)) if known is None else known


def _keep(text: bytes, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    if len(text) <= _LONGEST:
        if len(_lists) >= _MOST:
            _lists.clear()
        _lists[text] = columns
    return columns
