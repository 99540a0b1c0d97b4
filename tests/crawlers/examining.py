"""Ways for tests to have a file examined."""

from __future__ import annotations

from pathlib import Path

from crawlers.formats import Finding, Options, Rejected
from crawlers.model import HeaderDetection
from crawlers.places import open_place
from crawlers.recognition import recognise


def examine(folder: Path, data: bytes, name: str = "data", glue: bool = False) -> Finding | Rejected:
    """What `data` is recognised as when it lies in a file."""
    (folder / name).write_bytes(data)
    detection = HeaderDetection.GLUE if glue else HeaderDetection.IMPROVED
    return recognise(open_place(str(folder)), name, len(data), Options(detection))


def found(folder: Path, data: bytes, name: str = "data", glue: bool = False) -> Finding:
    """The same, when it must be recognised."""
    finding = examine(folder, data, name, glue)
    assert isinstance(finding, Finding), finding
    return finding


def columns(finding: Finding) -> dict[str, str]:
    return {field.name: str(field.type) for field in finding.schema.fields}
