"""The folders that a metastore looks after: it makes, moves and deletes those of managed tables.

Never inside a transaction, and in an order that a service killed between two steps survives. To create: the folder
first; what may be left is an empty folder, which the repeat takes over. To drop: the definition first; what may be left
are files that nobody refers to, never a table without its files. To rename: the folder first; what may be left is a
table whose folder has the new name already, and the repeat finds it so and only writes the definition.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, RLock

from catalog.catalog import Catalog
from catalog.errors import AlreadyExists, DomainError
from catalog.model import MANAGED_TABLE, Database, Partition, Table
from crawlers.errors import FolderRefused
from crawlers.folders import delete_empty_folder, delete_folder, make_folder, move_folder
from crawlers.places import local_path, scheme_of, segments

DEFAULT = "default"
_log = logging.getLogger(__name__)
_lock = RLock()
_still = Condition(_lock)
_busy: set[tuple[str, ...]] = set()  # the folders that a thread of this process is alone with


@dataclass(frozen=True)
class Warehouse:
    """The folder below which databases and managed tables lie unless they are given a place: a plain Hadoop path."""

    location: str

    def of_database(self, database: Database) -> str:
        if database.location:
            return database.location
        return self.location if database.name == DEFAULT else below(self.location, f"{database.name}.db")

    def of_table(self, database: Database, name: str) -> str:
        return below(self.of_database(database), name)

    def may_delete(self, place: str, database: Database) -> bool:
        """Whether a table's folder may go as a whole: not if the warehouse or the database's own folder is in it, nor
        if it is near a root, or spelled so that it may be elsewhere."""
        path = segments(place)
        kept = (segments(self.location), segments(self.of_database(database)))
        plain = place.startswith("/") or ":" in place.partition("/")[0]
        return (
            plain
            and len(path) > 1
            and not {".", ".."} & set(path)
            and not any(each[: len(path)] == path for each in kept)
        )


def below(place: str, name: str) -> str:
    return f"{place.rstrip('/')}/{name}"


def ensure_default(catalog: Catalog, warehouse: Warehouse) -> None:
    """Create the database that every Hive client begins in, if it is not there."""
    if catalog.find_database(DEFAULT) is None:
        with suppress(AlreadyExists):  # another process began at the same time
            catalog.create_database(Database(DEFAULT, "Default Hive database", warehouse.location))


def make_database(database: Database) -> None:
    """Make the folder of a database. One that is not on this machine's disks comes with the first file in it.

    Raises FolderRefused.
    """
    if database.location and local_path(database.location) is not None:
        make_folder(database.location)


def make(table: Table, places: Iterable[str | None]) -> None:
    """Make folders of the table and its partitions.

    Those of an external table are another's: they are made only on this machine's disks, where Hive's readers expect
    them, and only if that may be. Raises FolderRefused.
    """
    for place in places:
        if not place:
            continue
        if table.table_type == MANAGED_TABLE:
            make_folder(place)
        elif scheme_of(place) == "file":
            try:
                make_folder(place)
            except FolderRefused as error:
                _log.info("%s.%s is created without it: %s", table.database, table.name, error)


def doomed(catalog: Catalog, warehouse: Warehouse, table: Table, others: Iterable[Table] = ()) -> list[str]:
    """The folders that go with the table: none of an external one; a managed one's own, and its partitions'.

    One in which another table has data stays whole, unless that is among `others`, whose data go as well.
    """
    if table.table_type != MANAGED_TABLE:
        return []
    database = catalog.get_database(table.database)
    partitions = catalog.iter_partitions(table.database, table.name) if table.partition_keys else ()
    own = [table.storage.location] if table.storage.location else []
    outside = [place for place in map(_location, partitions) if place and not _is_below(place, table.storage.location)]
    going = [table, *(each for each in others if each.table_type == MANAGED_TABLE)]
    return [place for place in own + outside if _deletable(warehouse, place, database, shared(catalog, place, going))]


def doomed_partition(catalog: Catalog, warehouse: Warehouse, table: Table, partition: Partition) -> list[str]:
    """The folder that goes with a partition, if it is a managed table's and not the whole table's folder.

    Tables inside it keep it; for other tables' partitions, all there are would have to be looked through at each drop.
    """
    place = partition.storage.location
    if table.table_type != MANAGED_TABLE or not place or _is_below(table.storage.location or "", place):
        return []
    kept = bool(catalog.tables_below(place, {(table.database, table.name)}))
    return [place] if _deletable(warehouse, place, catalog.get_database(table.database), kept) else []


def shared(catalog: Catalog, place: str, own: Iterable[Table]) -> bool:
    """Whether a table that is none of `own` has data in the folder."""
    keys = {(table.database, table.name) for table in own}
    return bool(catalog.locations_below(place, keys))


@contextmanager
def moved(place: str, target: str) -> Iterator[None]:
    """The folder is at `target` while the block writes so; what fails in it puts it back. Raises FolderRefused."""
    with alone_with(place):
        move_folder(place, target)
        try:
            yield
        except Exception:
            move_folder(target, place)
            raise


@contextmanager
def alone_with(place: str) -> Iterator[None]:
    """No other thread of this process is in such a block with the folder, whichever way it is spelled.

    Of two that give a table two names at once, one would move the data and the other write the definition; and who
    drops a table would delete the files of one that is created there before the files are gone.
    """
    folder = tuple(segments(place))
    with _lock:
        while folder in _busy:
            _still.wait()
        _busy.add(folder)
    try:
        yield
    finally:
        with _lock:
            _busy.remove(folder)
            _still.notify_all()


def empty(places: Iterable[str]) -> None:
    """Delete all that is in the folders. Raises FolderRefused, then a part may be gone."""
    for place in places:
        delete_folder(place)
        make_folder(place)


def delete(places: Iterable[str]) -> None:
    """Delete folders that nothing refers to any more. One that cannot be deleted is logged: the caller is through."""
    for place in places:
        try:
            delete_folder(place)
        except DomainError as error:
            _log.warning("Files of something dropped stay: %s", error)


def delete_database_folder(place: str) -> None:
    """The folder of a dropped database goes if it is empty: what else is in it, no table of ours vouches for."""
    try:
        delete_empty_folder(place)
    except DomainError as error:
        _log.warning("The folder of a dropped database stays: %s", error)


def _location(partition: Partition) -> str | None:
    return partition.storage.location


def _is_below(place: str, folder: str | None) -> bool:
    """Whether `place` is `folder` or below it."""
    path = segments(folder or "")
    return bool(path) and segments(place)[: len(path)] == path


def _deletable(warehouse: Warehouse, place: str, database: Database, is_shared: bool) -> bool:
    allowed = warehouse.may_delete(place, database) and not is_shared
    if not allowed:
        _log.warning("The files at %s stay: the folder holds more than the table", place)
    return allowed
