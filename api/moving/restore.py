"""Making a home out of a backup: beside its place, then given its name. Killed half-way, it leaves no half home."""

from __future__ import annotations

import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from api.home import Home
from api.moving.backup import DATABASE, FORMAT, HOME, MANIFEST, Manifest
from api.moving.database_copy import POSTGRESQL, SQLITE, is_empty, restore_postgresql, restore_sqlite
from api.moving.errors import BackupUnusable, HomeNotEmpty
from catalog.db import HEAD


@dataclass(frozen=True)
class Restored:
    """`made_at` is when the backup was made; `notes` say what else is to be done."""

    home: Path
    made_at: datetime
    notes: tuple[str, ...]


def restore_home(path: Path, database_url: str | None, file: Path) -> Restored:
    """Make the home `path` out of the archive `file`; its database is the empty one at `database_url`, or in the home.

    Raises HomeNotEmpty; BackupUnusable for an archive that is damaged, none of ours, of a newer release, or of another
    kind of database; HomeLocked if another restores there.
    """
    _demand_empty(path)
    beside = Home(path.with_name(f"{path.name}.restoring"))
    with _unpacking(file) as archive:
        manifest = _manifest(file, archive)
        _demand_fits(file, manifest, database_url)
        beside.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with beside.locked():
            _clear(beside)  # of a restore that was killed
            _unpack(archive, beside.path)
            _build(file, manifest, beside, database_url)
            _demand_empty(path)
            beside.path.rename(path)
    return Restored(path, manifest.made_at, tuple(_notes(manifest, path)))


def _demand_empty(path: Path) -> None:
    if (service := Home(path).find_service()) is not None:
        raise HomeNotEmpty(what=f"Home {path}", why=f"a service runs with it, {service.endpoint}")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise HomeNotEmpty(what=f"Home {path}", why="files are in it")


@contextmanager
def _unpacking(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:gz") as archive:
            yield archive
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        why = f"{getattr(error, 'strerror', None) or error}".rstrip(".")
        raise BackupUnusable(file=file, why=why or "it is cut off") from error


def _manifest(file: Path, archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    text = archive.extractfile(first) if first is not None and first.name == MANIFEST and first.isfile() else None
    try:
        found = msgspec.json.decode(text.read() if text else b"", type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupUnusable(file=file, why="it is no backup of Isinglass") from error
    if found.isinglass_backup > FORMAT or found.database.revision > HEAD:
        of = f"release {found.release}, schema {found.database.revision}"
        raise BackupUnusable(file=file, why=f"a newer release wrote it ({of}; this one knows {HEAD}); update Isinglass")
    return found


def _demand_fits(file: Path, manifest: Manifest, database_url: str | None) -> None:
    kind = manifest.database.kind
    if kind == SQLITE and database_url is not None:
        raise BackupUnusable(file=file, why="its database is SQLite's, in the home; leave ISINGLASS_DATABASE_URL unset")
    if kind == POSTGRESQL and not (database_url or "").startswith("postgres"):
        why = "its database is PostgreSQL's; name an empty one by ISINGLASS_DATABASE_URL"
        raise BackupUnusable(file=file, why=why)
    if database_url is not None and not is_empty(database_url):
        raise HomeNotEmpty(what="The database of ISINGLASS_DATABASE_URL", why="tables are in it")


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """All members, and then to the end of the archive: only there a damage is noticed."""
    for member in archive:
        if member.name != MANIFEST:
            archive.extract(member, folder, filter="data")
    if archive.fileobj is not None:
        while archive.fileobj.read(1 << 20):
            pass


def _build(file: Path, manifest: Manifest, beside: Home, database_url: str | None) -> None:
    """Out of what was unpacked into it, the home; and at last the database, if it lies elsewhere."""
    unpacked, database = beside.path / HOME, beside.path / DATABASE
    for part in list(unpacked.iterdir()) if unpacked.exists() else []:
        part.rename(beside.path / part.name)
    shutil.rmtree(unpacked, ignore_errors=True)
    Home.open(beside.path)
    if manifest.database.kind == SQLITE:
        wrong = restore_sqlite(database, beside.path / "isinglass.db")
        if wrong is not None:
            raise BackupUnusable(file=file, why=wrong)
    _settle(beside.path)
    if database_url is not None:
        restore_postgresql(manifest.database, database, database_url)
    shutil.rmtree(database)


def _settle(folder: Path) -> None:
    """Have the disk hold all files before the home gets its name."""
    for inside, _, files in os.walk(folder):
        for name in files:
            with Path(inside, name).open("rb") as file:
                os.fsync(file.fileno())


def _clear(beside: Home) -> None:
    for part in beside.path.iterdir():
        if part.is_dir():
            shutil.rmtree(part)
        elif part.name != "service.lock":
            part.unlink()


def _notes(manifest: Manifest, path: Path) -> Iterator[str]:
    if not manifest.with_key:
        yield "the key of sealed secrets is not in the backup; bring it, or set the secrets of connections anew"
    if manifest.home != str(path):
        yield f"what lies below {manifest.home} by its location is still looked for there; it was restored below {path}"
