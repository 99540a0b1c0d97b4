"""The formats of data that the registry's schemas describe, and what each knows of its schemas."""

from __future__ import annotations

from typing import Protocol

from catalog.errors import InvalidInput
from catalog.registry import avro_schemas, json_schemas, protobufs


class Format(Protocol):
    def canonical(self, text: str) -> str:
        """The schema in a form in which equal schemas are equal texts. Raises InvalidSchema."""

    def differences(self, reader: str, writer: str) -> list[str]:
        """Why data written with `writer` cannot be read with `reader`; empty if they can. `canonical` took both."""


FORMATS: dict[str, Format] = {"AVRO": avro_schemas, "JSON": json_schemas, "PROTOBUF": protobufs}


def format_of(name: str) -> Format:
    """Raises InvalidInput."""
    if name not in FORMATS:
        raise InvalidInput(what="Data format", why=f"{name[:40]!r} is none of {', '.join(FORMATS)}.")
    return FORMATS[name]
