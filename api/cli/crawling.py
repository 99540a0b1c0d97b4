"""`isinglass crawl` and `crawler`: finding tables in places."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.catalog import show_differences
from api.cli.following import attended
from api.cli.jobs import seconds_of
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from api.core import Core
from crawlers.model import Crawler, Target
from crawlers.places import open_place
from crawlers.report import Action, Notes, Report, TableReport
from engine.model import CRAWL, Run
from engine.states import RunState

SHOWN_FIRES = 5

crawlers = typer.Typer(help="Crawlers: stored definitions of crawls.", no_args_is_help=True)

Place = Annotated[str, typer.Argument(metavar="PLACE", help="A folder or file, as a path or a URI.")]
DatabaseOption = Annotated[str, typer.Option("--database", metavar="DB", help="The database that takes the tables.")]
Prefix = Annotated[str, typer.Option(metavar="P", help="What the tables' names begin with.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="GLOB", help="Files to leave out, relative to PLACE, such as **/*.tmp; may be repeated."
    ),
]
CrawlerName = Annotated[str, typer.Argument(metavar="CRAWLER", help="The crawler's name.")]


def _crawler(name: str, place: str, database: str, prefix: str, exclude: list[str] | None) -> Crawler:
    if "://" not in place:
        place = str(Path(place).expanduser().absolute())
    open_place(place)
    return Crawler(name, database, (Target(place, tuple(exclude or ())),), prefix)


def crawl(
    place: Place,
    database: DatabaseOption,
    prefix: Prefix = "",
    exclude: Exclude = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Find the tables in a place and write them to the catalog."""
    core, out = core_of(home), Output(output)
    crawler = _crawler("crawl", place, database, prefix, exclude)
    core.catalog.get_database(database)
    if dry_run:
        from crawlers.crawl import crawl as crawl_now  # brings PyArrow, a quarter of a second that others do without

        report = crawl_now(crawler, core.catalog, dry_run=True)
    else:
        with attended(core, out) as see_through:
            run = see_through(core.engine.start_crawl(crawler))
        report = _report_of(core, out, run)
    if out.text:
        show_report(out, report)
    else:
        out.json(report)


def _report_of(core: Core, out: Output, run: Run) -> Report:
    if run.state is not RunState.SUCCEEDED:
        out.errors.print(f"isinglass: crawl {run.id} {run.state}: {run.detail}")
        raise typer.Exit(1)
    return core.engine.get_report(run.id)


def show_report(out: Output, report: Report, indent: int = 0) -> None:
    """A crawl for people: each table with why it is one, then the files that were left out."""
    margin = " " * indent
    files = report.files
    seconds = sum(report.seconds.values())
    out.say(f"{margin}{files.seen:,} files seen, {files.read:,} read, {len(report.tables)} tables, {seconds:.1f} s")
    for table in report.tables:
        _show_table(out, table, indent + 2)
    for word, notes in (("failed", files.failed), ("skipped", files.skipped)):
        _show_notes(out, word, notes, margin)
    if report.dry_run:
        out.say(f"{margin}a dry run: nothing was written")
    elif not report.written:
        out.say(f"{margin}nothing has changed: nothing was written")


def _show_table(out: Output, table: TableReport, indent: int) -> None:
    margin = " " * indent
    if table.action is Action.UNCHANGED and not table.notes:
        out.say(f"{margin}{table.name} unchanged: {table.files:,} files")
        return
    keys = ", ".join(key.name for key in table.partition_keys)
    about = "" if table.records == table.records_sampled else "about "
    size = f"{table.files:,} files, {about}{table.records:,} rows"
    parts = f", {table.partitions:,} partitions by {keys}" if keys else ""
    out.say(f"{margin}{table.name} {table.action}: {table.format}, {size}{parts}")
    out.say(f"{margin}  {table.why}")
    if table.columns:
        shown = ", ".join(f"{column.name} {column.type}" for column in (*table.columns, *table.partition_keys))
        out.say(f"{margin}  columns: {shown if len(shown) < 400 else shown[:400] + ' …'}")
    for note in table.notes:
        out.say(f"{margin}  note: {note}")
    if table.differences:
        show_differences(out, table.differences, indent + 2)


def _show_notes(out: Output, word: str, notes: Notes, margin: str) -> None:
    if not notes.total:
        return
    out.say(f"{margin}{notes.total:,} {word}:")
    for note in notes.shown[:20]:
        out.say(f"{margin}  {note.place}: {note.reason}")
    if notes.total > 20:
        out.say(f"{margin}  … and {notes.total - 20:,} more; --output json shows them")


@crawlers.command("create")
def create_crawler(
    name: CrawlerName,
    place: Place,
    database: DatabaseOption,
    prefix: Prefix = "",
    exclude: Exclude = None,
    description: Annotated[str | None, typer.Option(help="What it crawls.")] = None,
    schedule: Annotated[
        str | None,
        typer.Option(
            metavar="EXPR",
            help="When `serve` runs it, in UTC: 'cron(15 12 * * ? *)' for each day at 12:15, or 'rate(6 hours)'.",
        ),
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Store a crawler's definition."""
    core = core_of(home)
    core.catalog.get_database(database)
    created = core.engine.create_crawler(
        replace(_crawler(name, place, database, prefix, exclude), description=description, schedule=schedule)
    )
    sentence = f"crawler {name} created; run it with: isinglass crawler run {name}"
    if schedule:
        due = core.engine.next_fires(created, 1)
        sentence += (
            f"\nisinglass serve runs it next at {due[0]:%Y-%m-%d %H:%M:%S} UTC" if due else "\nits schedule never fires"
        )
    Output(output).result(created, sentence)


@crawlers.command("list")
def list_crawlers(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List crawlers."""
    core, out = core_of(home), Output(output)
    found = core.engine.list_crawlers(limit=1_000).items
    due = [core.engine.next_fires(c, 1) for c in found]
    states = core.engine.batch_get_crawler_states([c.name for c in found])
    cells = [
        (c.name, c.database, states[c.name], next(iter(fires), None), c.targets[0].place)
        for c, fires in zip(found, due, strict=True)
    ]
    shown = [_with_fires(c, fires) for c, fires in zip(found, due, strict=True)]
    out.rows(shown, ["crawler", "database", "state", "next fire (UTC)", "place"], cells)


def _with_fires(crawler: Crawler, fires: tuple[datetime, ...]) -> dict[str, object]:
    """A crawler for programs."""
    return {**asdict(crawler), "next_fires": fires}


@crawlers.command("show")
def show_crawler(name: CrawlerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a crawler's definition, and when it is due."""
    core, out = core_of(home), Output(output)
    crawler = core.engine.get_crawler(name)
    due = core.engine.next_fires(crawler, SHOWN_FIRES)
    if not out.text:
        out.json(_with_fires(crawler, due))
        return
    rows: list[tuple[str, object]] = [
        ("name", crawler.name),
        ("state", core.engine.crawler_state(name)),
        ("database", crawler.database),
        ("prefix", crawler.prefix or "-"),
        ("schema changes", crawler.schema_change.update),
        ("data that are gone", crawler.schema_change.delete),
    ]
    for target in crawler.targets:
        rows.append(("place", target.place))
        rows += [("exclusion", pattern) for pattern in target.exclusions]
    rows.append(("schedule", crawler.schedule))
    if crawler.schedule:
        rows += [("next fire (UTC)", at) for at in due] or [("next fire (UTC)", "never")]
    out.grid(["", ""], rows)


@crawlers.command("run")
def run_crawler(name: CrawlerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Run a crawler and wait for its end."""
    core, out = core_of(home), Output(output)
    with attended(core, out) as see_through:
        run = see_through(core.engine.start_crawler(name))
    report = _report_of(core, out, run)
    if out.text:
        show_report(out, report)
    else:
        out.json(report)


@crawlers.command("stop")
def stop_crawler(name: CrawlerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Stop a running crawler; it then writes nothing."""
    run = core_of(home).engine.stop_crawler(name)
    Output(output).result(run, f"crawler {name} was asked to stop")


@crawlers.command("history")
def show_history(
    name: CrawlerName,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """List a crawler's crawls, newest first."""
    core, out = core_of(home), Output(output)
    core.engine.get_crawler(name)
    found = core.engine.list_runs(CRAWL, name, limit).items
    cells = [
        (r.id, r.state, r.queued_at, seconds_of(r), *(int(r.figures.get(key, 0)) for key in _COUNTED), r.detail or "")
        for r in found
    ]
    out.rows(found, ["crawl", "state", "queued", "seconds", "read", "new tables", "changed", ""], cells)


_COUNTED = ("files_read", "tables_added", "tables_updated")


@crawlers.command("delete")
def delete_crawler(name: CrawlerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a crawler; its tables and history stay."""
    core_of(home).engine.delete_crawler(name)
    Output(output).result({"deleted": name}, f"crawler {name} deleted")
