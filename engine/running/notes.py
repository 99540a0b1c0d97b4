"""Small notes between processes, as files of JSON: a reader finds all of one or nothing, whoever is killed when."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_RESERVED = 8192


def write_whole(path: Path, content: object, mode: int = 0o600) -> None:
    """Write a note so that a reader finds all of it or nothing, also after a crash."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def reserve(path: Path) -> None:
    """Take the space of a note that must be written even when the disk has become full."""
    _fill(_beside(path), b"")


def write_reserved(path: Path, content: object) -> None:
    """Write a note into its reserved space, or like any other if there is none."""
    text = json.dumps(content).encode()
    if not _beside(path).exists() or len(text) > _RESERVED:
        write_whole(path, content)
        return
    _fill(_beside(path), text)
    _beside(path).replace(path)


def read_note(path: Path) -> dict[str, Any] | None:
    """The JSON object in `path`; None while it is not there."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return found


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}")


def _fill(path: Path, text: bytes) -> None:
    """Write over the file from its beginning, without giving its space away: JSON may end with blanks."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(text.ljust(_RESERVED))
        file.flush()
        os.fsync(file.fileno())
