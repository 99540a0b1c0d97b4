"""Our metastore beside Hive's own, behaviour by behaviour: the same calls by the same client, the answers compared.

`KNOWN_DIFFERENCES` tells each difference with its reason. One that is not listed fails, and so does one that is listed
and is none any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.hive.bindings import hive
from api.hive.server import HiveServer
from benchmarks.peers.java_metastore import java_metastore
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin
from tests.api.hive.behaviours import (  # noqa: F401 (each takes up its behaviours)
    databases,
    filters,
    others,
    partition_changes,
    partitions,
    table_changes,
    table_lists,
    tables,
)
from tests.api.hive.behaviours.asking import BEHAVIOURS, Asked, outcome
from tests.api.hive.behaviours.unserved import AskedClient

_LOCKS = "Java's fails at every lock: the database that it makes by itself has no tables for them; ours grants them."

KNOWN_DIFFERENCES: dict[str, str] = {
    "an_exclusive_lock_waits_for_another": _LOCKS,
    "shared_locks_do_not_wait": _LOCKS,
    "unlocking_what_is_not_locked": _LOCKS,
    "locks_that_are_shown": _LOCKS,
    "a_function": "Java keeps a function's name in the case it came in and looks it up in lower case, so it loses it.",
    "a function named None": "Java breaks off the call; ours tells that the name is not valid.",
}


@dataclass(frozen=True)
class Store:
    """A metastore, and the folder that only it uses, as a place."""

    port: int
    root: str

    def ask(self, name: str) -> object:
        """The outcome of a behaviour on a connection and in a database of its own; filters share theirs."""
        own = "filters" if name.startswith("filter ") else f"b{list(BEHAVIOURS).index(name)}"
        with AskedClient(self.port) as client:
            asked = Asked(client, own, self.root)
            if own not in client.call("get_all_databases"):
                client.call("create_database", hive.Database(name=own, locationUri=asked.place()))
            return outcome(BEHAVIOURS[name], asked)


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("java")
    # It repeats a call that it cannot carry out ten times, after two seconds each.
    quick = {"hive.hmshandler.retry.interval": "1ms", "hive.hmshandler.retry.attempts": "1", "hive.in.tez.test": "true"}
    with java_metastore(folder, settings=quick) as peer:
        yield Store(peer.port, _place(folder / "lake"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("ours")
    engine = db.connect(db.sqlite_url(folder / "catalog.db"))
    catalog = Catalog(engine, Origin(face="test"))
    server = HiveServer(catalog, "127.0.0.1", 0, _place(folder / "warehouse"))
    server.start()
    yield Store(server.port, _place(folder / "lake"))
    server.stop()
    engine.dispose()


def _place(folder: Path) -> str:
    """As Hive spells it."""
    return f"file:{folder}"


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_it_behaves_as_hive_s_own_or_the_difference_is_known(name: str, ours: Store, java: Store) -> None:
    mine, theirs = ours.ask(name), java.ask(name)
    if name in KNOWN_DIFFERENCES:
        assert mine != theirs, "the two are alike now: strike it off the list"
    else:
        assert mine == theirs


def test_only_behaviours_are_listed_as_differing() -> None:
    assert KNOWN_DIFFERENCES.keys() <= BEHAVIOURS.keys()
