"""A file that appears when it is whole, readable by its owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from api.moving.errors import FileRefused


@contextmanager
def written_whole(path: Path, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A file to write that is at `path` once the block has ended well. Raises FileRefused."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists() and not overwrite:
            raise FileRefused(file=path, done="written", why="it is there already; name another")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        other = error.filename is not None and str(error.filename) != str(part)
        why = f"{error.filename}: {error.strerror}" if other else error.strerror or error
        raise FileRefused(file=path, done="written", why=why) from error
    finally:
        part.unlink(missing_ok=True)
