"""Reading Ion by amazon.ion, where it is installed: every value of a file that is a struct is a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any, cast

from pyspark.sql import SparkSession

from awsglue._blobs import learn_blobs, read_blobs
from awsglue._missing import NotProvidedError
from awsglue._partitions import attached_parts
from awsglue._plans import ReadPlan
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue.gluetypes import Present, StructType


def read_ion(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed | None:
    """The files of a plan, partition keys as strings; None where no record has a field.

    NotProvidedError without the package amazon.ion.
    """
    if find_spec("amazon") is None or find_spec("amazon.ion") is None:
        raise NotProvidedError("reading the format 'ion' without amazon.ion", "Install it: pip install amazon.ion")
    type = learn_blobs(session, plan, files, options, decode)
    keys = {key.name.lower() for key in plan.partition_keys}
    type = StructType([field for field in type.fields if field.name.lower() not in keys])
    if not type.fields:
        return None
    frame = read_blobs(session, plan, files, options, decode, type)
    data = [Part(f.name, f.dataType, column_named(frame, f.name), isinstance(f, Present)) for f in type.fields]
    found = Typed(frame, StructType(), sparse=True)
    return from_parts(found, [*data, *attached_parts(frame, plan, options, typed=False)])


def decode(content: bytes) -> Iterator[dict[str, Any]]:
    """The records of a file, text or binary, as plain dicts."""
    from amazon.ion import simpleion
    from amazon.ion.exceptions import IonException

    try:
        for value in simpleion.loads(content, single_value=False):
            record = _plain(value)
            if isinstance(record, dict):
                yield record
    except IonException as error:
        raise ValueError(str(error)) from error


def _plain(value: Any) -> Any:
    """A value without Ion's annotations; symbols are texts, s-expressions lists, and instants are of UTC."""
    from amazon.ion.simple_types import IonPyNull

    if value is None or isinstance(value, IonPyNull):
        return None
    if hasattr(value, "items"):
        return {str(_text(name)): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "sid"):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return datetime.fromtimestamp(value.timestamp() if value.tzinfo else value.replace(tzinfo=UTC).timestamp(), UTC)
    if isinstance(value, bool) or value.__class__.__name__ == "IonPyBool":
        return bool(value)
    kinds: tuple[Callable[[Any], Any], ...] = (int, float, Decimal, bytes)
    for kind in kinds:
        if isinstance(value, cast(type, kind)):
            return kind(value)
    return str(_text(value))


def _text(value: Any) -> Any:
    return value.text if hasattr(value, "text") and not isinstance(value, str) else value
