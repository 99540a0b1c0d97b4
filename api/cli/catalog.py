"""`isinglass database`, `table` and `partition`: looking at the catalog, and small changes to it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from catalog.catalog import Catalog
from catalog.changes import Difference, diff
from catalog.errors import InvalidInput
from catalog.model import Database, Table
from catalog.removals import Removal
from engine.crawling.preview import preview
from engine.ledger.lineage import MOST_HOPS, Direction, End

databases = typer.Typer(help="Databases of the catalog.", no_args_is_help=True)
tables = typer.Typer(help="Tables, their versions and differences.", no_args_is_help=True)
partitions = typer.Typer(help="Partitions of a table.", no_args_is_help=True)

TableName = Annotated[str, typer.Argument(metavar="DATABASE.TABLE", help="The table.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")]


def instant(text: str) -> datetime:
    """A time as ISO 8601 writes it; without a zone it is a local one."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no time such as 2026-09-01T12:00 or 2026-09-01T12:00Z") from None


AsOfOption = Annotated[
    datetime | None, typer.Option("--as-of", metavar="TIME", parser=instant, help="As it stood at a time.")
]
DatabaseName = Annotated[str, typer.Argument(metavar="DATABASE", help="The database.")]


def split_name(name: str) -> tuple[str, str]:
    database, dot, table = name.partition(".")
    if not dot or not database or not table:
        raise typer.BadParameter(f"{name!r} is not of the form DATABASE.TABLE")
    return database, table


@databases.command("list")
def list_databases(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List databases."""
    core, out = core_of(home), Output(output)
    found = list(core.catalog.iter_databases())
    out.rows(found, ["database", "created", "description"], [(d.name, d.created_at, d.description) for d in found])


@databases.command("create")
def create_database(
    name: DatabaseName,
    description: Annotated[str | None, typer.Option(help="What it holds.")] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a database."""
    created = core_of(home).catalog.create_database(Database(name, description))
    Output(output).result(created, f"database {created.name} created")


@databases.command("delete")
def delete_database(
    name: DatabaseName,
    cascade: Annotated[bool, typer.Option("--cascade", help="Delete its tables too.")] = False,
    dry_run: DryRunOption = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Delete a database. Data are never touched."""
    removal = _catalog_of(home, dry_run).delete_database(name, cascade)
    _show_removal(Output(output), f"database {name}", removal, dry_run)


@tables.command("list")
def list_tables(database: DatabaseName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List the tables of a database."""
    core, out = core_of(home), Output(output)
    found = list(core.catalog.iter_tables(database))
    cells = [
        (t.name, t.parameters.get("classification"), len(t.all_columns), t.version, t.updated_at, t.storage.location)
        for t in found
    ]
    out.rows(found, ["table", "format", "columns", "version", "updated", "location"], cells)


@tables.command("show")
def show_table(
    name: TableName,
    version: Annotated[int | None, typer.Option(help="An earlier version of it.")] = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show a table: its columns, partition keys, location and parameters."""
    core, out = core_of(home), Output(output)
    database, table_name = split_name(name)
    table = core.catalog.get_table(database, table_name)
    if version is not None and as_of is not None:
        raise typer.BadParameter("--version and --as-of cannot both be given")
    if version is not None:
        table = core.catalog.get_version(database, table_name, version).table
    if as_of is not None:
        table = core.catalog.get_table_as_of(database, table_name, as_of).table
    if not out.text:
        out.json(table)
        return
    out.say(f"{table.database}.{table.name}, version {table.version}, {table.table_type}")
    out.say(f"location  {table.storage.location or '-'}")
    out.say(f"serde     {table.storage.serde.library or '-'}")
    if table.partition_keys:
        out.say(f"partitions {core.catalog.count_partitions(database, table_name):,}")
    show_columns(out, table)
    if table.parameters:
        out.say("")
        out.grid(["parameter", "value"], sorted(table.parameters.items()))


def show_columns(out: Output, table: Table, indent: int = 0) -> None:
    keys = set(table.key_names)
    cells = [(c.name, c.type, "partition key" if c.name in keys else c.comment or "") for c in table.all_columns]
    out.grid(["column", "type", ""], cells, indent)


@tables.command("versions")
def list_versions(name: TableName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List a table's versions, newest first: when each began, and who made it."""
    core, out = core_of(home), Output(output)
    found = core.catalog.list_versions(*split_name(name), limit=1_000).items
    cells = [
        (
            v.version,
            v.created_at,
            v.origin.face,
            v.origin.principal,
            v.origin.run_id,
            len(v.table.all_columns),
            v.restored_from,
        )
        for v in found
    ]
    out.rows(found, ["version", "since", "by", "who", "run", "columns", "restores"], cells)


@tables.command("history")
def show_history(
    name: TableName,
    column: Annotated[str | None, typer.Option(metavar="NAME", help="Only what changed this column.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many versions.")] = 100,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Tell who changed a table or a column, newest first: what, when, through which face, and in which run."""
    core, out = core_of(home), Output(output)
    page = core.catalog.list_changes(*split_name(name), column, limit)
    cells = [
        (
            *(change.version.version, change.version.created_at, _sign(each), each.path, each.old, each.new),
            *(change.version.origin.face, change.version.origin.principal, change.version.origin.run_id),
            None if change.exact else "or in a version deleted before it",
        )
        for change in page.items
        for each in change.differences
    ]
    out.rows(page.items, ["version", "when", "", "what", "old", "new", "by", "who", "run", ""], cells)
    if page.next_token:
        out.errors.print(f"{limit:,} versions shown; ask for more with --limit")


@tables.command("restore")
def restore_version(
    name: TableName,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="The version to be in force again.")],
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Make a new version of a table that says what an old one said."""
    restored = core_of(home).catalog.restore_version(*split_name(name), version)
    Output(output).result(restored, f"table {name} restored to version {version}, as version {restored.version}")


@tables.command("prune")
def prune_versions(
    name: TableName, dry_run: DryRunOption = False, home: HomeOption = None, output: OutputOption = Format.TEXT
) -> None:
    """Delete the versions of a table that its retention does not keep.

    That is told by its parameters isinglass.keep-versions and isinglass.keep-versions-days, or by the settings
    ISINGLASS_KEEP_VERSIONS and ISINGLASS_KEEP_VERSIONS_DAYS. Each new version does so as well.
    """
    count = _catalog_of(home, dry_run).prune_versions(*split_name(name))
    told = f"{count:,} version(s) of table {name} {'would be deleted' if dry_run else 'deleted'}"
    Output(output).result({"table": name, "dry_run": dry_run, "deleted": count}, told)


@tables.command("diff")
def diff_table(
    name: TableName,
    old: Annotated[int | None, typer.Argument(metavar="OLD", help="A version; default: the one before NEW.")] = None,
    new: Annotated[int | None, typer.Argument(metavar="NEW", help="A version; default: the newest.")] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what changed between two versions of a table, and what of it may break a reader."""
    core, out = core_of(home), Output(output)
    database, table = split_name(name)
    newest = core.catalog.get_table(database, table).version
    new = newest if new is None else new
    old = new - 1 if old is None else old
    if old < 0:
        raise InvalidInput(what=f"a difference of {name}", why="it has a single version.")
    before, after = (core.catalog.get_version(database, table, version).table for version in (old, new))
    differences = diff(before, after)
    if out.text:
        out.say(f"{name}: version {old} to {new}")
    show_differences(out, differences)


def show_differences(out: Output, differences: tuple[Difference, ...], indent: int = 0) -> None:
    cells = [(_sign(d), d.path, d.old, d.new, "breaking" if d.breaking else "safe") for d in differences]
    if out.text and cells:
        out.grid(["", "what", "old", "new", ""], cells, indent)
    else:
        out.rows(differences, [], [])


def _sign(difference: Difference) -> str:
    return "+" if difference.old is None else "-" if difference.new is None else "~"


@tables.command("lineage")
def show_lineage(
    name: TableName,
    hops: Annotated[int, typer.Option(min=1, max=MOST_HOPS, help="How many steps away at most.")] = 1,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Tell where a table's data come from and go to: which jobs and crawlers read one thing and wrote another.

    It is told from what runs read by read plans and wrote by sinks, and from crawls. What a run's SQL reads and writes,
    and which columns went into which, is not known.
    """
    core, out = core_of(home), Output(output)
    database, table = split_name(name)
    core.catalog.get_table(database, table)
    key = (database.lower(), table.lower())
    found = {str(each): core.engine.batch_trace([key], each, hops)[key] for each in Direction}
    if not out.text:
        out.json(found)
        return
    cells = [
        (direction, s.hop, _end(s.source), f"{s.kind} {s.name or '-'}", _end(s.sink), s.runs, s.last_run_id, s.last_at)
        for direction, traced in found.items()
        for s in traced.steps
    ]
    out.rows(cells, ["", "hop", "source", "by", "sink", "runs", "last run", "at"], cells)
    if not all(traced.complete for traced in found.values()):
        out.errors.print("there are more steps than are shown; ask for fewer with --hops")


def _end(end: End | None) -> str:
    return end.source if end else "not known"


@tables.command("preview")
def preview_table(
    name: TableName,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many rows.")] = 10,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show a table's first rows: of csv, json and parquet files, wherever they lie."""
    core, out = core_of(home), Output(output)
    found = preview(core.catalog, *split_name(name), limit, core.home.path)
    out.rows([dict(zip(found.columns, row, strict=True)) for row in found.rows], found.columns, found.rows)


@tables.command("delete")
def delete_table(
    name: TableName, dry_run: DryRunOption = False, home: HomeOption = None, output: OutputOption = Format.TEXT
) -> None:
    """Delete a table with its versions and partitions. Data are never touched."""
    removal = _catalog_of(home, dry_run).delete_table(*split_name(name))
    _show_removal(Output(output), f"table {name}", removal, dry_run)


def _catalog_of(home: Path | None, dry_run: bool) -> Catalog:
    catalog = core_of(home).catalog
    return catalog.rehearsing() if dry_run else catalog


def _show_removal(out: Output, what: str, removal: Removal, dry_run: bool) -> None:
    done = "would be deleted" if dry_run else "deleted"
    counts = f"tables: {len(removal.tables):,}, partitions: {removal.partitions:,}, versions: {removal.versions:,}"
    counts += f", functions: {removal.functions:,}" if removal.functions else ""
    out.result({"what": what, "dry_run": dry_run, "removal": removal}, f"{what} {done} ({counts})")


@partitions.command("list")
def list_partitions(
    name: TableName,
    filter: Annotated[str | None, typer.Option(metavar="EXPRESSION", help="Such as: year = 2013 and month < 4")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 1_000,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """List a table's partitions, all or those that match an expression over the partition keys."""
    core, out = core_of(home), Output(output)
    database, table = split_name(name)
    page = core.catalog.list_partitions(database, table, filter, limit)
    names = core.catalog.get_table(database, table).key_names
    out.rows(page.items, [*names, "location"], [(*p.values, p.storage.location) for p in page.items])
    if page.next_token:
        total = core.catalog.count_partitions(database, table, filter)
        out.errors.print(f"{limit:,} of {total:,} shown; ask for more with --limit, or for fewer with --filter")
