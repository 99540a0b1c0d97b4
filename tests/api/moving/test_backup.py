"""A backup is of one moment while others write; a restore makes an equal home, or none."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from api.home import Home, HomeLocked
from api.moving.backup import MANIFEST, back_up
from api.moving.errors import BackupUnusable, FileRefused, HomeNotEmpty
from api.moving.restore import Restored, restore_home
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Column, Database, Origin, Partition, StorageDescriptor, Table
from tests.api.moving.conftest import exported, fill
from tests.conftest import Postgres


@pytest.fixture
def home(tmp_path: Path, migrated_sqlite: Path) -> Home:
    home = Home.open(tmp_path / "home")
    shutil.copy(migrated_sqlite, home.path / "isinglass.db")
    run = home.runs / "r1"
    run.mkdir()
    (run / "output.log").write_text("it ran\n")
    (run / "contact.json").write_text('{"token": "live"}')
    managed = home.warehouse / "shop.db" / "t"
    managed.mkdir(parents=True)
    (managed / "part=a%2Fb.parquet").write_bytes(bytes(range(256)) * 100)
    (managed / "link").symlink_to("/etc/passwd")
    home.secret_key.write_text("a secret")
    home.secret_key.chmod(0o600)
    (home.path / "service.lock").touch()
    return home


def opened(url: str) -> Catalog:
    return Catalog(db.connect(url), Origin("test"))


def backed_up(home: Home, url: str, file: Path, with_key: bool = False) -> Path:
    engine = db.connect(url)
    made = back_up(home, engine, file, with_key)
    engine.dispose()
    assert made.size == file.stat().st_size
    return file


@pytest.fixture
def archive(home: Home, filled: Path, tmp_path: Path) -> Path:
    shutil.copy(filled, home.path / "isinglass.db")
    return backed_up(home, home.database_url, tmp_path / "backup.tar.gz")


def members(file: Path) -> set[str]:
    with tarfile.open(file) as archive:
        return {member.name for member in archive if member.isfile()}


def restored(file: Path, to: Path) -> Restored:
    return restore_home(to, None, file)


def test_a_restored_home_holds_what_the_home_held(archive: Path, home: Home, tmp_path: Path) -> None:
    done = restored(archive, tmp_path / "other")
    before, after = opened(home.database_url), opened(Home(tmp_path / "other").database_url)
    assert exported(after) == exported(before)
    assert after.list_versions("shop", "orders") == before.list_versions("shop", "orders")
    assert (tmp_path / "other/runs/r1/output.log").read_text() == "it ran\n"
    data = "warehouse/shop.db/t/part=a%2Fb.parquet"
    assert (tmp_path / "other" / data).read_bytes() == (home.path / data).read_bytes()
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o700
    assert sorted(each.name for each in tmp_path.glob("*other*")) == ["other"]
    assert done.notes[1].startswith(f"what lies below {home.path} ")
    for catalog in (before, after):
        catalog.engine.dispose()


def test_neither_key_nor_live_tokens_nor_links_are_in_a_backup(archive: Path) -> None:
    found = members(archive)
    assert not [name for name in found if "key" in name or "contact" in name or "link" in name or "service" in name]
    assert archive.stat().st_mode & 0o777 == 0o600


def test_the_key_is_in_a_backup_that_is_to_have_it_and_stays_the_owner_s(home: Home, tmp_path: Path) -> None:
    file = backed_up(home, home.database_url, tmp_path / "with.tar.gz", with_key=True)
    restored(file, tmp_path / "other")
    key = Home(tmp_path / "other").secret_key
    assert key.read_text() == "a secret"
    assert key.stat().st_mode & 0o777 == 0o600
    home.secret_key.unlink()
    with pytest.raises(FileRefused, match="leave --with-key out"):
        backed_up(home, home.database_url, tmp_path / "none.tar.gz", with_key=True)


def test_a_backup_overwrites_nothing_and_a_refused_one_leaves_nothing(
    archive: Path, home: Home, tmp_path: Path
) -> None:
    with pytest.raises(FileRefused, match="is there already"):
        backed_up(home, home.database_url, archive)
    with pytest.raises(FileRefused, match="No such file"):
        backed_up(home, home.database_url, tmp_path / "nowhere" / "b.tar.gz")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["backup.tar.gz", "home"]


# ── of one moment ────────────────────────────────────────────────────────────────────────────────────────────────────


class Writer(Thread):
    """Creates tables, each with two partitions in the same transaction's wake, until it is told to stop."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.catalog, self.ending, self.begun = opened(url), Event(), Event()
        self.catalog.create_database(Database("d"))

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            self.write(number)
            number += 1
            if number == 5:
                self.begun.set()

    def write(self, number: int) -> None:
        """The order in which a copy of one moment must find things: never a later one without the earlier."""
        storage = StorageDescriptor((Column("a", "int"),))
        name = f"t{number:06}"
        self.catalog.create_table(Table("d", name, storage, (Column("p", "int"),)))
        self.catalog.create_partitions("d", name, [Partition((str(each),), storage) for each in range(50)])

    def stop(self) -> None:
        self.ending.set()
        self.join()
        self.catalog.engine.dispose()


def of_one_moment(catalog: Catalog) -> None:
    """All of the writer's tables up to one, each with all of its partitions, but for the last."""
    names = catalog.list_table_names("d")
    assert len(names) >= 5
    assert list(names) == [f"t{number:06}" for number in range(len(names))]
    counts = [catalog.count_partitions("d", name) for name in names]
    assert set(counts[:-1]) <= {50}
    assert counts[-1] in (0, 50)


def test_a_backup_while_others_write_is_of_one_moment(home: Home, tmp_path: Path) -> None:
    writer = Writer(home.database_url)
    writer.start()
    try:
        assert writer.begun.wait(60)
        files = [backed_up(home, home.database_url, tmp_path / f"{number}.tar.gz") for number in range(3)]
    finally:
        writer.stop()
    for number, file in enumerate(files):
        restored(file, tmp_path / f"home{number}")
        catalog = opened(Home(tmp_path / f"home{number}").database_url)
        of_one_moment(catalog)
        with catalog.engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        catalog.engine.dispose()


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def databases(postgres: Postgres) -> Iterator[Callable[[str], str]]:
    """Makes a database out of a template, by name; all are dropped in the end."""
    made: list[str] = []

    def one(template: str) -> str:
        made.append(postgres.create(template))
        return made[-1]

    yield one
    for url in made:
        postgres.drop(url)


def test_a_home_on_postgresql_is_restored_into_an_empty_database(
    home: Home, tmp_path: Path, databases: Callable[[str], str]
) -> None:
    url, other = databases("migrated"), databases("template0")
    before = opened(url)
    fill(before)
    before.delete_database("empty")
    writer = Writer(url)
    writer.start()
    try:
        assert writer.begun.wait(60)
        file = backed_up(home, url, tmp_path / "pg.tar.gz")
    finally:
        writer.stop()
    restore_home(tmp_path / "other", other, file)
    after = opened(other)
    of_one_moment(after)
    for catalog in (before, after):
        catalog.delete_database("d", cascade=True)
    assert exported(after) == exported(before)
    assert after.list_versions("shop", "orders") == before.list_versions("shop", "orders")
    assert after.create_database(Database("next")).name == "next", "ids go on where they were"
    for catalog in (before, after):
        catalog.engine.dispose()


def test_a_restore_into_postgresql_needs_an_empty_database_of_that_kind(
    home: Home, archive: Path, tmp_path: Path, databases: Callable[[str], str]
) -> None:
    url = databases("migrated")
    file = backed_up(home, url, tmp_path / "pg.tar.gz")
    other = tmp_path / "other"
    with pytest.raises(HomeNotEmpty, match="tables are in it"):
        restore_home(other, url, file)
    with pytest.raises(BackupUnusable, match="name an empty one by ISINGLASS_DATABASE_URL"):
        restore_home(other, None, file)
    with pytest.raises(BackupUnusable, match="leave ISINGLASS_DATABASE_URL unset"):
        restore_home(other, url, archive)
    assert not other.exists()


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_home_with_anything_in_it_is_not_overwritten(archive: Path, home: Home, tmp_path: Path) -> None:
    with pytest.raises(HomeNotEmpty, match="files are in it"):
        restored(archive, home.path)
    with home.announced("http://127.0.0.1:1", "thrift://127.0.0.1:2"), pytest.raises(HomeNotEmpty, match="a service"):
        restored(archive, home.path)
    empty = tmp_path / "empty"
    empty.mkdir()
    restored(archive, empty)
    assert (empty / "isinglass.db").exists()


def changed(file: Path, to: Path, **manifest: object) -> Path:
    """A copy of the archive whose manifest says something else."""
    with tarfile.open(file) as source, tarfile.open(to, "w:gz") as target:
        for member in source:
            content = source.extractfile(member)
            found = content.read() if content else b""
            if member.name == MANIFEST:
                found = json.dumps({**json.loads(found), **manifest}).encode()
                member.size = len(found)
            target.addfile(member, io.BytesIO(found))
    return to


def test_a_backup_of_a_newer_release_is_refused_with_words(archive: Path, tmp_path: Path) -> None:
    database = {"kind": "sqlite", "revision": "0999", "tables": []}
    newer = changed(archive, tmp_path / "newer.tar.gz", database=database, release="9.0")
    with pytest.raises(BackupUnusable, match=r"newer release wrote it \(release 9\.0, schema 0999.*update"):
        restored(newer, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_an_older_schema_is_brought_to_this_one(
    kind: str, home: Home, tmp_path: Path, databases: Callable[[str], str]
) -> None:
    to = databases("template0") if kind == "postgresql" else None
    url = databases("template0") if kind == "postgresql" else db.sqlite_url(tmp_path / "old.db")
    old = db.unmigrated(url)
    with db.writing(old) as connection:
        db.upgrade(connection, "0001")
        values = "'old', '{\"name\":\"\"}', 0, '2026-01-01 00:00:00+00:00'"
        connection.execute(text(f"INSERT INTO databases (name, body, version, created_at) VALUES ({values})"))
    back_up(home, old, tmp_path / "old.tar.gz")
    old.dispose()
    restore_home(tmp_path / "other", to, tmp_path / "old.tar.gz")
    catalog = opened(to or Home(tmp_path / "other").database_url)
    assert db.schema_version(catalog.engine) == db.HEAD
    assert [database.name for database in catalog.iter_databases()] == ["old"]
    catalog.engine.dispose()


def halved(file: bytes) -> bytes:
    return file[: len(file) // 2]


def with_a_bit_changed(file: bytes) -> bytes:
    content = bytearray(gzip.decompress(file))
    content[content.index(b"SQLite format 3") + 9_000] ^= 1
    packed = bytearray(gzip.compress(bytes(content)))
    packed[-8:-4] = file[-8:-4]  # the sum of what it was
    return bytes(packed)


def another_tar(_: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("readme"))
    return out.getvalue()


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "cut off": halved,
    "cut off at the very end": lambda file: file[:-4],
    "with a bit changed": with_a_bit_changed,
    "another tar": another_tar,
    "no archive": lambda _: b"hello",
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_damaged_or_foreign_archive_makes_no_home(how: str, archive: Path, tmp_path: Path) -> None:
    spoiled = tmp_path / "spoiled.tar.gz"
    spoiled.write_bytes(SPOILED[how](archive.read_bytes()))
    with pytest.raises(BackupUnusable, match=r"spoiled\.tar\.gz cannot be restored: \w+"):
        restored(spoiled, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_an_archive_cannot_write_outside_of_the_home(archive: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(archive) as source, tarfile.open(evil, "w:gz") as target:
        first = source.next()
        assert first is not None
        target.addfile(first, source.extractfile(first))
        target.addfile(tarfile.TarInfo("../../outside"))
    with pytest.raises(BackupUnusable, match="outside"):
        restored(evil, tmp_path / "other")
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "other").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from api.moving import restore
def killed(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr(restore, sys.argv[1], killed)
restore.restore_home(Path(sys.argv[2]), None, Path(sys.argv[3]))
"""


@pytest.mark.parametrize("at", ["_unpack", "restore_sqlite", "_settle"])
def test_a_restore_that_is_killed_leaves_no_half_home_and_the_next_one_succeeds(
    at: str, archive: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    ended = subprocess.run([sys.executable, "-c", KILLED, at, str(other), str(archive)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not other.exists()
    restored(archive, other)
    assert opened_names(other) == ["empty", "shop"]
    assert not other.with_name("other.restoring").exists()


def opened_names(path: Path) -> list[str]:
    catalog = opened(Home(path).database_url)
    names = [database.name for database in catalog.iter_databases()]
    catalog.engine.dispose()
    return names


def test_two_restores_do_not_share_a_place(archive: Path, tmp_path: Path) -> None:
    beside = Home(tmp_path / "other.restoring")
    beside.path.mkdir()
    with beside.locked(), pytest.raises(HomeLocked):
        restored(archive, tmp_path / "other")
