"""A home as one archive (tar, gzip): the database of one moment, then the folders of runs and of managed tables.

Not in it: what belongs to a running service (its lock, its address, the tokens of runs), and, unless asked for, the key
of sealed secrets. The database is copied first, so a run that ends meanwhile is found ended in its folder.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import Engine

from api.home import Home
from api.moving.database_copy import DatabaseCopy, copy_database
from api.moving.errors import FileRefused
from api.moving.files import written_whole
from engine.running.scripts import RUN_NOTE

FORMAT = 1
MANIFEST, DATABASE, HOME = "manifest.json", "database", "home"


@dataclass(frozen=True)
class Manifest:
    """The first member of the archive: what is in it. `home` is the folder that was backed up."""

    isinglass_backup: int
    release: str
    made_at: datetime
    home: str
    database: DatabaseCopy
    with_key: bool


@dataclass(frozen=True)
class Backup:
    """`left_out` counts what is neither file nor folder; `size` is the archive's, in bytes."""

    file: Path
    files: int
    left_out: int
    size: int


def back_up(home: Home, engine: Engine, file: Path, with_key: bool = False) -> Backup:
    """Write the archive `file`, which appears when it is whole. Raises FileRefused."""
    key = home.secret_key
    if with_key and not key.exists():
        raise FileRefused(file=file, done="written", why=f"{key} is to be in it and is not there; leave --with-key out")
    with written_whole(file) as out, TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as beside:
        made_at, copied = datetime.now(UTC), Path(beside)
        copy = copy_database(engine, copied)
        manifest = Manifest(FORMAT, version("isinglass"), made_at, str(home.path), copy, with_key)
        files = left_out = 0
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
            _add_text(archive, MANIFEST, msgspec.json.encode(manifest))
            for path in sorted(copied.iterdir()):
                archive.add(path, f"{DATABASE}/{path.name}")
            for path, fits in _parts(home, with_key):
                name = f"{HOME}/{path.relative_to(home.path)}"
                files, left_out = files + path.is_file(), left_out + (not fits)
                if fits:
                    _add(archive, path, name)
    return Backup(file, files, left_out, file.stat().st_size)


def _parts(home: Home, with_key: bool) -> Iterator[tuple[Path, bool]]:
    """Everything that is to be in the archive, and whether it can be: whether it is a file or a folder."""
    if with_key:
        yield home.secret_key, True
    for root in (home.runs, home.warehouse):
        for folder, folders, files in os.walk(root):
            yield Path(folder), True
            for name in sorted([*files, *(each for each in folders if (Path(folder) / each).is_symlink())]):
                path = Path(folder, name)
                if root != home.runs or name != RUN_NOTE:
                    yield path, path.is_file() and not path.is_symlink()


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """What goes while the archive is written is not in it; a file that grows is as long as when it was opened."""
    try:
        if path.is_dir():
            archive.add(path, name, recursive=False)
            return
        with path.open("rb") as file:
            archive.addfile(archive.gettarinfo(arcname=name, fileobj=file), file)
    except FileNotFoundError:
        return


def _add_text(archive: tarfile.TarFile, name: str, text: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text), 0o600
    archive.addfile(member, BytesIO(text))
