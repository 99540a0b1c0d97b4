"""What runs wrote: told to the catalog at once, or staged and published once the run has succeeded.

The files of a run that stages its output lie in a hidden folder of their place. The transaction that ends the run well
lists them; from then on they are moved to where they belong, and the catalog takes them in, by whoever comes first: the
worker, a service that starts, or a run that is about to read. Each step may be repeated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from itertools import groupby

import msgspec
import structlog

from catalog.catalog import Catalog
from catalog.db import writing
from catalog.errors import AlreadyExists, DomainError, StoreUnavailable, VersionConflict
from catalog.model import Origin, Table
from crawlers.errors import FolderRefused
from crawlers.file_moves import move_files
from crawlers.folders import delete_empty_folder, delete_folder
from crawlers.naming import same_place
from engine.engine import Engine
from engine.errors import OutputNotPublished
from engine.events.events import tell_changes
from engine.ledger.accesses import write_of
from engine.model import Run
from engine.reads import resolve
from engine.reads.resolve import Written
from engine.reads.staging import StagedFolder
from engine.reads.tracking import spec_of
from engine.states import RunState

TRIES = 5

log = structlog.get_logger()


def where_to_write(engine: Engine, run: Run, location: str) -> str:
    """The folder into which a sink of `run` writes what belongs to `location`. Raises InvalidInput."""
    return engine.stage_output(run, location).folder if spec_of(run).staged else location


def tell_written(catalog: Catalog, engine: Engine, run: Run, written: Written) -> Table | None:
    """Note what a sink wrote, and have the catalog take it in, if it named a table: now, or, if the run stages its
    output, when that is published.

    Raises InvalidInput and UnsupportedSource as `take_in`, in either case now.
    """
    if spec_of(run).staged and written.rows != 0:
        engine.note_staged(run.id, written.location)
    made = _tell(catalog, engine, run, written) if written.table else None
    columns = (*written.columns, *written.partition_keys)
    if columns and written.rows != 0:
        engine.note_accesses(run.id, [write_of(written.database, written.table, written.location, columns)])
    return made


def _tell(catalog: Catalog, engine: Engine, run: Run, written: Written) -> Table | None:
    if not spec_of(run).staged:
        return take_in(catalog, run.id, written)
    existing = catalog.find_table(written.database, written.table)
    if existing is not None:
        resolve.demand_fits(written, existing)
    resolve.catalog_changes(written, existing)
    engine.stage_update(run.id, msgspec.json.encode(written).decode())
    return None


def take_in(catalog: Catalog, run_id: str, written: Written) -> Table:
    """Create or update the table that a run wrote, and its partitions, as changes made by that run.

    What was written adds to the table as it stands: if others change it meanwhile, it is read again.
    Raises InvalidInput if the run wrote in another format or by other partition keys than the table's;
    UnsupportedSource.
    """
    catalog = catalog.acting_as(Origin("job", run_id=run_id))
    for _ in range(TRIES):
        try:
            return _take_in(catalog, run_id, written)
        except (VersionConflict, AlreadyExists) as error:
            refused = error
    raise refused


def _take_in(catalog: Catalog, run_id: str, written: Written) -> Table:
    existing = catalog.find_table(written.database, written.table)
    if existing is not None:
        resolve.demand_fits(written, existing)
    changes = resolve.catalog_changes(written, existing)
    with writing(catalog.engine) as connection:
        catalog.apply_in(connection, changes)
        tell_changes(connection, changes, run_id, run_id, catalog.now())
    return catalog.get_table(written.database, written.table)


def settle(catalog: Catalog, engine: Engine) -> dict[str, str]:
    """Publish what successful runs have staged, and remove what others have. What failed is tried the next time.

    Returns why it failed, by location.
    """
    failed: dict[str, str] = {}
    for run_id, found in groupby(engine.list_unsettled(), key=lambda staged: staged.run_id):
        folders = list(found)
        try:
            _settle(catalog, engine, run_id, folders)
        except (FolderRefused, StoreUnavailable) as error:
            log.warning("what a run has staged is not settled yet", run=run_id, why=str(error))
            failed |= {staged.location: str(error) for staged in folders if _to_publish(staged)}
    return failed


def demand_published(failed: Mapping[str, str], places: Iterable[str]) -> None:
    """Raises OutputNotPublished if files that belong to one of `places` are still hidden."""
    spelled = [same_place(place) for place in places]
    for location, why in failed.items():
        folder = same_place(location)
        if any(f"{folder}/".startswith(f"{place}/") or f"{place}/".startswith(f"{folder}/") for place in spelled):
            raise OutputNotPublished(location=location, why=why)


def _settle(catalog: Catalog, engine: Engine, run_id: str, folders: list[StagedFolder]) -> None:
    troubles: list[str] = []
    if folders[0].state is RunState.SUCCEEDED:
        for staged in folders:
            if lost := move_files(staged.folder, staged.location, staged.files or ()):
                troubles.append(f"{len(lost)} file(s) staged for {staged.location} were deleted before they were moved")
        troubles += _update_catalog(catalog, engine, run_id)
    else:
        engine.forget_writes(run_id)
    for staged in folders:
        delete_folder(staged.folder)
        with contextlib.suppress(FolderRefused):  # another run stages there
            delete_empty_folder(staged.folder.rpartition("/")[0])
    engine.forget_staged(run_id, "; ".join(troubles) or None)


def _to_publish(staged: StagedFolder) -> bool:
    return bool(staged.files) and staged.state is RunState.SUCCEEDED


def _update_catalog(catalog: Catalog, engine: Engine, run_id: str) -> list[str]:
    """Why some of it was refused: the run has ended, so its record is where that is told."""
    troubles = []
    for text in engine.list_staged_updates(run_id):
        written = msgspec.json.decode(text, type=Written)
        try:
            take_in(catalog, run_id, written)
        except StoreUnavailable:
            raise
        except DomainError as error:
            troubles.append(f"its files are published, but {written.database}.{written.table} was not updated: {error}")
    return troubles
