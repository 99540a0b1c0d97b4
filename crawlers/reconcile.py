"""A draft against the catalog's table under the crawler's policies: which changes to the catalog follow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog import types
from catalog.changes import (
    AddColumn,
    AlterTable,
    CatalogChange,
    Change,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    Difference,
    DropColumn,
    IndexPartitions,
    PutPartitions,
    RetypeColumn,
    SetParameters,
    SetPartitionKeys,
    SetStorage,
    apply_all,
    diff,
)
from catalog.errors import InvalidType
from catalog.model import Column, Parameters, Partition, StorageDescriptor, Table
from crawlers.drafts import CRAWLER, DEPRECATED, RUN, Draft
from crawlers.lattice import arrange, canonical, join
from crawlers.model import DeleteBehavior, UpdateBehavior
from crawlers.naming import concerns
from crawlers.report import NOTHING, Action, Counts

# Settings that only a crawler writes, so that one which no longer applies can go. What users added stays.
_OURS = frozenset(
    ("delimiter", "areColumnsQuoted", "columnsOrdered", "skip.header.line.count", "multiLine", "exclusions", DEPRECATED)
)
INDEX = "crawler_partition_index"
_OUR_SERDE = frozenset(("field.delim", "serialization.encoding", "separatorChar", "quoteChar", "escapeChar", "paths"))


@dataclass(frozen=True)
class Policies:
    """What the crawler may do to what exists.

    `stamp` is now in epoch milliseconds, as text. `unread` are the places of files and folders that could not be read:
    what lies there is not gone. `index`: partitioned tables are given an index of all their keys.
    """

    update: UpdateBehavior
    delete: DeleteBehavior
    merge_new_columns: bool
    run_id: str | None
    stamp: str
    unread: tuple[str, ...] = ()
    index: bool = False


@dataclass(frozen=True)
class Outcome:
    """What becomes of one table: the changes to write, and what a reader should know of them."""

    action: Action
    changes: tuple[CatalogChange, ...] = ()
    partitions: Counts = NOTHING
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


def create(draft: Draft, policies: Policies) -> Outcome:
    table = _with_run(draft.table, policies.run_id)
    changes: list[CatalogChange] = [CreateTable(table, draft.partitions), *_index(table, policies)]
    return Outcome(Action.CREATED, tuple(changes), Counts(added=len(draft.partitions)))


def _index(table: Table, policies: Policies) -> list[CatalogChange]:
    wanted = policies.index and table.partition_keys
    return [IndexPartitions(table.database, table.name, INDEX, table.key_names)] if wanted else []


def update(draft: Draft, table: Table, partitions: Mapping[tuple[str, ...], Partition], policies: Policies) -> Outcome:
    """What must change so that `table` and its partitions say what the draft says. Nothing, if they do already."""
    reason = _replaced(draft.table, table) if policies.merge_new_columns else None
    if reason is not None:
        outcome = deprecate(table, policies)
        return replace(outcome, notes=(f"{reason}: with MergeNewColumns the table is not rewritten but deprecated",))
    if _is_unread(draft.table.storage, policies):
        draft = replace(draft, sampled=True)  # what was not read may hold columns and values that the rest lacks
    columns, notes = _columns(draft, table, policies)
    before, mine = (each.parameters.get(CRAWLER) for each in (table, draft.table))
    if before and mine and before != mine:
        notes.append(f"crawler {before} made it, and {mine} goes on with it")
    changes = _table_changes(draft, table, columns)
    if policies.update is UpdateBehavior.LOG:
        found = apply_all(table, changes)
        unmark = _unmark(table)
        differences = diff(apply_all(table, unmark), found)
        same_keys = found.key_names == table.key_names
        added = _new_partitions(draft, table, partitions) if same_keys else ()
        back = _back(draft, partitions) if same_keys else []
        writes = _puts(table, (*added, *back))
        if unmark:
            writes.insert(0, AlterTable(table.database, table.name, unmark))
        action = Action.LOGGED if differences else Action.UPDATED if writes else Action.UNCHANGED
        return Outcome(action, tuple(writes), Counts(len(added), len(back)), differences, tuple(notes))
    after = apply_all(table, changes)
    unread = sum(_is_unread(each.storage, policies) for each in partitions.values())
    if unread and after.key_names != table.key_names:
        why = f"its keys are others now, but {unread} of its partitions could not be read, so it is left as it is"
        return Outcome(Action.LOGGED, differences=diff(table, after), notes=(*notes, why))
    writes, counts, more = _partition_changes(draft, table, after, partitions, policies)
    if changes:
        if policies.run_id:
            changes.append(SetParameters({RUN: policies.run_id}, on_storage=True))
        alter = AlterTable(table.database, table.name, tuple(changes))
        # Partitions and the index of other keys must be gone before the keys change, and new ones come after.
        gone: list[CatalogChange] = [change for change in writes if isinstance(change, DeletePartitions)]
        rest: list[CatalogChange] = [change for change in writes if not isinstance(change, DeletePartitions)]
        if after.key_names != table.key_names:
            gone.append(IndexPartitions(table.database, table.name, INDEX, ()))
            rest += _index(after, policies)
        writes = [*gone, alter, *rest]
    action = Action.UPDATED if writes else Action.UNCHANGED
    return Outcome(action, tuple(writes), counts, diff(table, after), (*notes, *more))


def remove(table: Table, policies: Policies) -> Outcome:
    """What becomes of a table whose data were not found."""
    if _is_unread(table.storage, policies):
        return Outcome(Action.UNCHANGED, notes=("its files could not be read, so it is left as it is",))
    if policies.delete is DeleteBehavior.DELETE_FROM_DATABASE:
        return Outcome(Action.DELETED, (DeleteTable(table.database, table.name),))
    if policies.delete is DeleteBehavior.LOG:
        return Outcome(Action.LOGGED, notes=("its data are gone; the delete policy is LOG, so it stays",))
    return deprecate(table, policies)


def deprecate(table: Table, policies: Policies) -> Outcome:
    if DEPRECATED in table.parameters:
        return Outcome(Action.UNCHANGED, notes=("it is deprecated already",))
    change = SetParameters({DEPRECATED: policies.stamp}, on_storage=True)
    after = apply_all(table, [change])
    alter = AlterTable(table.database, table.name, (change,))
    return Outcome(Action.DEPRECATED, (alter,), differences=diff(table, after))


def _unmark(table: Table) -> tuple[Change, ...]:
    """A table whose data are back is no longer deprecated, whatever the update policy: that mark is the other's."""
    return (SetParameters({}, (DEPRECATED,), on_storage=True),) if DEPRECATED in table.parameters else ()


def _back(draft: Draft, known: Mapping[tuple[str, ...], Partition]) -> list[Partition]:
    """Partitions whose data are back, without the mark; all else of them as it is."""
    marked = [known[found.values] for found in draft.partitions if found.values in known]
    return [_unmarked(partition) for partition in marked if DEPRECATED in partition.parameters]


def _unmarked(partition: Partition) -> Partition:
    storage = replace(partition.storage, parameters=_without_mark(partition.storage.parameters))
    return replace(partition, storage=storage, parameters=_without_mark(partition.parameters))


def _without_mark(parameters: Parameters) -> Parameters:
    return {name: value for name, value in parameters.items() if name != DEPRECATED}


def _with_run(table: Table, run_id: str | None) -> Table:
    if run_id is None:
        return table
    stamped = {RUN: run_id}
    storage = replace(table.storage, parameters=table.storage.parameters | stamped)
    return replace(table, storage=storage, parameters=table.parameters | stamped)


def _replaced(found: Table, table: Table) -> str | None:
    """What of a table's nature changed, which MergeNewColumns must not overwrite. No compressionType means `none`."""
    for name, absent in (("classification", None), ("compressionType", "none"), ("delimiter", None)):
        old, new = table.parameters.get(name, absent), found.parameters.get(name, absent)
        if old is not None and old != new:
            return f"{name} was {old!r} and is {new!r}"
    return None


# ── columns ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _columns(draft: Draft, table: Table, policies: Policies) -> tuple[tuple[Column, ...], list[str]]:
    """The columns the table should have, and notes on what was found but not taken over."""
    found, old = draft.table.storage.columns, table.storage.columns
    found = _renamed_keys(found, table)
    names = [column.name for column in found]
    keep_all = policies.merge_new_columns or draft.sampled
    if draft.by_position:
        before = [column.name for column in old]
        if keep_all and names[: len(before)] != before[: len(names)]:
            return old, ["the columns found are in another order than the table's, so none was added"]
        tail = old[len(found) :] if keep_all else ()
        return tuple(_reconciled(column, old, policies, draft.sampled) for column in found) + tail, []
    kept = [column for column in old if keep_all or column.name in names]
    by_name = {column.name: column for column in found}
    same = [_reconciled(by_name.get(column.name, column), old, policies, draft.sampled) for column in kept]
    known = {column.name for column in old}
    return (*same, *(column for column in found if column.name not in known)), []


def _renamed_keys(found: tuple[Column, ...], table: Table) -> tuple[Column, ...]:
    """`found` without columns that are partition keys under a name the catalog's table gave them."""
    return tuple(column for column in found if column.name not in table.key_names)


def _reconciled(found: Column, old: Iterable[Column], policies: Policies, sampled: bool) -> Column:
    """`found` with the comment of the old column of its name, and its type where that says the same or must stay."""
    before = next((column for column in old if column.name == found.name), None)
    if before is None:
        return found
    kind = _kind(before.type, found.type, policies.merge_new_columns, sampled)
    parameters = before.parameters | found.parameters
    if "inferredType" not in found.parameters:
        parameters.pop("inferredType", None)
    return Column(found.name, kind, before.comment, parameters)


def _kind(old: str, new: str, only_grow: bool, sampled: bool) -> str:
    try:
        before, found = types.parse(old), types.parse(new)
    except InvalidType:
        return old if only_grow else new
    if only_grow:
        return str(_grown(before, found))
    if canonical(before) == canonical(found):
        return old
    wanted = join(before, found) if sampled else found
    return str(arrange(wanted, [before, found]))


def _grown(old: types.HiveType, new: types.HiveType) -> types.HiveType:
    """`old` with the nested fields that only `new` has."""
    match old, new:
        case types.Struct(), types.Struct():
            found = {name.lower(): kind for name, kind in new.fields}
            known = {name.lower() for name, _ in old.fields}
            same = tuple((name, _grown(kind, found.get(name.lower(), kind))) for name, kind in old.fields)
            return types.Struct(same + tuple(field for field in new.fields if field[0].lower() not in known))
        case types.Array(), types.Array():
            return types.Array(_grown(old.element, new.element))
        case types.Map(), types.Map():
            return types.Map(old.key, _grown(old.value, new.value))
        case _:
            return old


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _table_changes(draft: Draft, table: Table, columns: tuple[Column, ...]) -> list[Change]:
    changes: list[Change] = []
    keys = draft.table.partition_keys
    # Types of keys that a user set stay: only other names are another layout.
    if draft.table.key_names != table.key_names:
        changes.append(SetPartitionKeys(keys))
    changes += _column_changes(table.storage.columns, columns)
    storage = _storage(draft.table.storage, table.storage)
    if storage != table.storage:
        changes.append(SetStorage(storage))
    settings = draft.table.parameters
    removed = tuple(sorted(name for name in table.parameters if name in _OURS and name not in settings))
    if removed or _differs(table.parameters, settings) or _differs(table.storage.parameters, settings):
        changes.append(SetParameters(settings, removed, on_storage=True))
    return changes


def _differs(old: Parameters, new: Parameters) -> bool:
    return any(old.get(name) != value for name, value in new.items())


def _storage(found: StorageDescriptor, old: StorageDescriptor) -> StorageDescriptor:
    """`old` with the formats, SerDe and location found; its columns, parameters and the rest stay."""
    serde = found.serde
    if old.serde.library == serde.library:
        extra = {name: value for name, value in old.serde.parameters.items() if name not in _OUR_SERDE}
        serde = replace(old.serde, parameters=extra | serde.parameters)
    return replace(
        old,
        location=found.location,
        input_format=found.input_format,
        output_format=found.output_format,
        serde=serde,
        compressed=found.compressed,
    )


def _column_changes(old: tuple[Column, ...], new: tuple[Column, ...]) -> list[Change]:
    """Drops, retypes and appends that turn one list of columns into the other.

    There is no change that inserts: where the order differs, the columns from there on are dropped and appended again.
    """
    wanted = {column.name: column for column in new}
    kept = [column for column in old if column.name in wanted]
    same = 0
    while same < min(len(kept), len(new)) and kept[same].name == new[same].name and _in_place(kept[same], new[same]):
        same += 1
    staying = {column.name for column in kept[:same]}
    changes: list[Change] = [DropColumn(column.name) for column in old if column.name not in staying]
    changes += [
        RetypeColumn(after.name, after.type)
        for before, after in zip(kept[:same], new[:same], strict=True)
        if before.type != after.type
    ]
    return changes + [AddColumn(column) for column in new[same:]]


def _in_place(old: Column, new: Column) -> bool:
    """Whether a change of type is all that the old column needs."""
    return (old.comment, old.parameters) == (new.comment, new.parameters)


# ── partitions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _fitted(partition: Partition, table: Table, old: Partition | None) -> Partition:
    """A found partition with the table's columns, formats and SerDe; parameters a user added to it stay."""
    mine = {name: value for name, value in old.parameters.items() if name not in _OURS} if old else {}
    parameters = mine | partition.parameters
    storage = replace(table.storage, location=partition.storage.location, parameters=partition.storage.parameters)
    return Partition(partition.values, storage, parameters, old.created_at if old else None)


def _new_partitions(draft: Draft, table: Table, known: Mapping[tuple[str, ...], Partition]) -> tuple[Partition, ...]:
    return tuple(_fitted(found, table, None) for found in draft.partitions if found.values not in known)


def _partition_changes(
    draft: Draft, table: Table, after: Table, known: Mapping[tuple[str, ...], Partition], policies: Policies
) -> tuple[list[CatalogChange], Counts, list[str]]:
    if after.key_names != table.key_names:
        put = tuple(_fitted(found, after, None) for found in draft.partitions)
        changes = _puts(after, put) + _deletes(table, tuple(known))
        return changes, Counts(added=len(put), deleted=len(known)), []
    put = _new_partitions(draft, after, known)
    changed = [
        fitted
        for found in draft.partitions
        if (old := known.get(found.values)) is not None and (fitted := _fitted(found, after, old)) != old
    ]
    values = {found.values for found in draft.partitions}
    missing = [partition for name, partition in known.items() if name not in values]
    gone = [partition for partition in missing if not _is_unread(partition.storage, policies)]
    deletes = gone if policies.delete is DeleteBehavior.DELETE_FROM_DATABASE else []
    marked = gone if policies.delete is DeleteBehavior.DEPRECATE_IN_DATABASE else []
    columns = after.storage.columns if after.storage.columns != table.storage.columns else None
    for old in missing:
        if old not in deletes:
            kept = _kept(old, columns, policies.stamp if old in marked else None)
            changed += [kept] if kept != old else []
    notes = [f"{len(gone)} partitions have no data any more"] if gone else []
    if len(gone) < len(missing):
        notes.append(f"{len(missing) - len(gone)} partitions could not be read and are left as they are")
    changes = _deletes(table, tuple(partition.values for partition in deletes)) + _puts(after, (*put, *changed))
    return changes, Counts(len(put), len(changed), len(deletes)), notes


def _kept(partition: Partition, columns: tuple[Column, ...] | None, stamp: str | None) -> Partition:
    """A partition that was not found: with the new columns of its table, which readers want alike, and as deprecated
    if there is a `stamp` for it."""
    if columns is not None:
        partition = replace(partition, storage=replace(partition.storage, columns=columns))
    return _deprecated(partition, stamp) if stamp and DEPRECATED not in partition.parameters else partition


def _is_unread(storage: StorageDescriptor, policies: Policies) -> bool:
    return any(concerns(place, storage.location or "") for place in policies.unread)


def _deprecated(partition: Partition, stamp: str) -> Partition:
    storage = replace(partition.storage, parameters=partition.storage.parameters | {DEPRECATED: stamp})
    return replace(partition, storage=storage, parameters=partition.parameters | {DEPRECATED: stamp})


def _puts(table: Table, partitions: Sequence[Partition]) -> list[CatalogChange]:
    return [PutPartitions(table.database, table.name, tuple(partitions))] if partitions else []


def _deletes(table: Table, values: tuple[tuple[str, ...], ...]) -> list[CatalogChange]:
    return [DeletePartitions(table.database, table.name, values)] if values else []
