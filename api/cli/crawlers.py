"""`isinglass crawler`: stored definitions of crawls, their crawls, schedules and figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from api.cli import crawler_options as options
from api.cli.catalog import instant
from api.cli.crawler_options import Described, described
from api.cli.crawling import report_of, tell_report
from api.cli.following import attended
from api.cli.job_runs import seconds_of
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from crawlers.availability import refusal_of
from crawlers.configuration import write_configuration
from crawlers.events import EventKind, ObjectEvent
from crawlers.model import (
    AnyTarget,
    CatalogTarget,
    CloudSettings,
    Crawler,
    DynamoDbTarget,
    JdbcTarget,
    LineageSettings,
    MongoDbTarget,
)
from engine.ledger.run_filters import Comparison, RunField, RunFilter
from engine.model import CRAWL
from engine.states import RunState

SHOWN_FIRES = 5

crawlers = typer.Typer(help="Crawlers: stored definitions of crawls.", no_args_is_help=True)

CrawlerName = Annotated[str, typer.Argument(metavar="CRAWLER", help="The crawler's name.")]
DescriptionOption = Annotated[str | None, typer.Option("--description", help="What it crawls.")]
ScheduleOption = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        metavar="EXPR",
        help="When `serve` runs it, in UTC: 'cron(15 12 * * ? *)' for each day at 12:15, or 'rate(6 hours)'.",
    ),
]


@crawlers.command("create")
def create_crawler(
    name: CrawlerName,
    places: options.PlacesArgument = None,
    database: options.DatabaseOption = None,
    prefix: options.PrefixOption = None,
    exclude: options.ExcludeOption = None,
    sample_size: options.SampleOption = None,
    table_name: options.TableNameOption = None,
    configuration: options.ConfigurationOption = None,
    on_change: options.ChangeOption = None,
    on_gone: options.GoneOption = None,
    recrawl: options.RecrawlOption = None,
    classifier: options.ClassifierOption = None,
    jdbc: options.JdbcOption = None,
    delta: options.DeltaOption = None,
    iceberg: options.IcebergOption = None,
    table: options.TableOption = None,
    description: DescriptionOption = None,
    schedule: ScheduleOption = None,
    engine: options.EngineOption = None,
    mongodb: options.MongoDbOption = None,
    dynamodb: options.DynamoDbOption = None,
    hudi: options.HudiOption = None,
    role: options.RoleOption = None,
    security_configuration: options.SecurityOption = None,
    lineage: options.LineageOption = None,
    lake_formation: options.LakeFormationOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Store a crawler's definition."""
    core = core_of(home)
    given = Described(
        database, prefix, places, exclude, sample_size, table_name, configuration, on_change, on_gone, recrawl,
        classifier, jdbc, delta, iceberg, table, description, schedule, engine,
        mongodb, dynamodb, hudi, role, security_configuration, lineage, lake_formation,
    )  # fmt: skip
    if database is not None:
        core.catalog.get_database(database)
    created = core.engine.create_crawler(described(Crawler(name, ""), given))
    sentence = f"crawler {name} created; run it with: isinglass crawler run {name}"
    Output(output).result(created, sentence + _due(core.engine.next_fires(created, 1), created))


def _due(fires: tuple[datetime, ...], crawler: Crawler) -> str:
    if not crawler.schedule:
        return ""
    if crawler.schedule_paused:
        return "\nits schedule is paused"
    return (
        f"\nisinglass serve runs it next at {fires[0]:%Y-%m-%d %H:%M:%S} UTC" if fires else "\nits schedule never fires"
    )


@crawlers.command("update")
def update_crawler(
    name: CrawlerName,
    places: options.PlacesArgument = None,
    database: options.DatabaseOption = None,
    prefix: options.PrefixOption = None,
    exclude: options.ExcludeOption = None,
    sample_size: options.SampleOption = None,
    table_name: options.TableNameOption = None,
    configuration: options.ConfigurationOption = None,
    on_change: options.ChangeOption = None,
    on_gone: options.GoneOption = None,
    recrawl: options.RecrawlOption = None,
    classifier: options.ClassifierOption = None,
    jdbc: options.JdbcOption = None,
    delta: options.DeltaOption = None,
    iceberg: options.IcebergOption = None,
    table: options.TableOption = None,
    description: DescriptionOption = None,
    schedule: ScheduleOption = None,
    engine: options.EngineOption = None,
    mongodb: options.MongoDbOption = None,
    dynamodb: options.DynamoDbOption = None,
    hudi: options.HudiOption = None,
    role: options.RoleOption = None,
    security_configuration: options.SecurityOption = None,
    lineage: options.LineageOption = None,
    lake_formation: options.LakeFormationOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Change a crawler's definition; what is not given stays. A crawl under way keeps the one it began with."""
    core = core_of(home)
    given = Described(
        database, prefix, places, exclude, sample_size, table_name, configuration, on_change, on_gone, recrawl,
        classifier, jdbc, delta, iceberg, table, description, schedule, engine,
        mongodb, dynamodb, hudi, role, security_configuration, lineage, lake_formation,
    )  # fmt: skip
    if database is not None:
        core.catalog.get_database(database)
    current = core.engine.get_crawler(name)
    changed = core.engine.update_crawler(described(current, given), current.version)
    sentence = f"crawler {name} is at version {changed.version}"
    Output(output).result(changed, sentence + _due(core.engine.next_fires(changed, 1), changed))


@crawlers.command("list")
def list_crawlers(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List crawlers."""
    core, out = core_of(home), Output(output)
    found = core.engine.list_crawlers(limit=1_000).items
    due = [core.engine.next_fires(c, 1) for c in found]
    states = core.engine.batch_get_crawler_states([c.name for c in found])
    cells = [
        (c.name, c.database or "-", states[c.name], next(iter(fires), None), _spelled(c.all_targets[0]))
        for c, fires in zip(found, due, strict=True)
    ]
    shown = [_with_fires(c, fires) for c, fires in zip(found, due, strict=True)]
    out.rows(shown, ["crawler", "database", "state", "next fire (UTC)", "place"], cells)


def _with_fires(crawler: Crawler, fires: tuple[datetime, ...]) -> dict[str, object]:
    """A crawler for programs."""
    return {**asdict(crawler), "next_fires": fires}


def _spelled(target: AnyTarget) -> str:
    match target:
        case CatalogTarget(database, tables):
            return ", ".join(f"{database}.{table}" for table in tables)
        case JdbcTarget(connection, path) | MongoDbTarget(connection, path):
            return f"{connection}: {path}"
        case DynamoDbTarget(table):
            return table
        case _:
            return target.place


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
        ("version", crawler.version),
        ("description", crawler.description),
        ("database", crawler.database or "-"),
        ("prefix", crawler.prefix or "-"),
        ("schema changes", crawler.schema_change.update),
        ("data that are gone", crawler.schema_change.delete),
        ("crawled again", crawler.recrawl),
        ("configuration", write_configuration(crawler.configuration)),
        *_target_rows(crawler),
        *(("classifier", classifier) for classifier in crawler.classifiers),
        *_cloud_rows(crawler.cloud),
        ("schedule", f"{crawler.schedule} (paused)" if crawler.schedule_paused else crawler.schedule),
    ]
    if crawler.schedule and not crawler.schedule_paused:
        rows += [("next fire (UTC)", at) for at in due] or [("next fire (UTC)", "never")]
    out.grid(["", ""], rows)


def _target_rows(crawler: Crawler) -> Iterator[tuple[str, object]]:
    for target in crawler.all_targets:
        kind = type(target).__name__.removesuffix("Target").lower()
        here = " (not available here: a crawl skips it)" if refusal_of(target) else ""
        yield f"{kind} target".lstrip() if kind else "place", _spelled(target) + here
        for pattern in getattr(target, "exclusions", ()):
            yield "exclusion", pattern
        for name in ("event_queue", "dead_letter_queue"):
            if queue := getattr(target, name, None):
                yield name.replace("_", " "), f"{queue} (not read here)"


def _cloud_rows(cloud: CloudSettings) -> Iterator[tuple[str, object]]:
    """What is set of that which only Glue's clients mean something by."""
    if cloud.role:
        yield "role", cloud.role
    if cloud.security_configuration:
        yield "security configuration", cloud.security_configuration
    if cloud.lineage is LineageSettings.ENABLE:
        yield "lineage", cloud.lineage
    if cloud.lake_formation:
        uses = "with" if cloud.lake_formation.use_credentials else "without"
        yield "Lake Formation", f"{uses} its keys, of account {cloud.lake_formation.account or 'the caller'}"


@crawlers.command("run")
def run_crawler(name: CrawlerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Run a crawler and wait for its end."""
    core, out = core_of(home), Output(output)
    with attended(core, out) as see_through:
        run = see_through(core.engine.start_crawler(name))
    tell_report(out, report_of(core, out, run))


@crawlers.command("stop")
def stop_crawler(name: CrawlerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Stop a running crawler; it then writes nothing."""
    run = core_of(home).engine.stop_crawler(name)
    Output(output).result(run, f"crawler {name} was asked to stop")


@crawlers.command("schedule")
def schedule_crawler(
    name: CrawlerName,
    schedule: Annotated[
        str | None, typer.Argument(metavar="EXPR", help="cron(…) or rate(…), in UTC; none leaves the one it has.")
    ] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Keep the schedule, but do not follow it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Follow it again, from now on.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Set, pause or resume a crawler's schedule."""
    engine = core_of(home).engine
    if sum((schedule is not None, pause, resume)) != 1:
        raise typer.BadParameter("give an expression, --pause or --resume: one of them")
    if schedule is not None:
        crawler = engine.set_schedule(name, schedule)
    else:
        crawler = engine.pause_schedule(name) if pause else engine.resume_schedule(name)
    Output(output).result(crawler, f"crawler {name}: {crawler.schedule}" + _due(engine.next_fires(crawler, 1), crawler))


@crawlers.command("history")
def show_history(
    name: CrawlerName,
    state: Annotated[RunState | None, typer.Option(help="Only crawls in this state.")] = None,
    since: Annotated[
        datetime | None, typer.Option(metavar="TIME", parser=instant, help="Started then or later.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(metavar="TIME", parser=instant, help="Started before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """List a crawler's crawls, newest first."""
    core, out = core_of(home), Output(output)
    core.engine.get_crawler(name)
    filters = [
        *([RunFilter(RunField.STATE, Comparison.EQ, state)] if state else ()),
        *([RunFilter(RunField.STARTED_AT, Comparison.GE, since)] if since else ()),
        *([RunFilter(RunField.STARTED_AT, Comparison.LT, until)] if until else ()),
    ]
    found = core.engine.list_runs(CRAWL, name, limit, filters=filters).items
    cells = [
        (r.id, r.state, r.queued_at, seconds_of(r), *(int(r.figures.get(key, 0)) for key in _COUNTED), r.detail or "")
        for r in found
    ]
    out.rows(found, ["crawl", "state", "queued", "seconds", "read", "new tables", "changed", ""], cells)


_COUNTED = ("files_read", "tables_added", "tables_updated")


@crawlers.command("metrics")
def show_metrics(
    names: Annotated[list[str] | None, typer.Argument(metavar="CRAWLER", help="Default: all.")] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show how long crawlers take, and what their last crawls changed."""
    core, out = core_of(home), Output(output)
    for name in names or []:
        core.engine.get_crawler(name)
    wanted = names or [crawler.name for crawler in core.engine.list_crawlers(limit=1_000).items]
    found = list(core.engine.batch_get_crawler_metrics(wanted).values())
    cells = [
        (m.crawler, m.last_runtime, m.median_runtime, "?" if m.still_estimating else m.time_left,
         m.tables_created, m.tables_updated, m.tables_deleted)
        for m in found
    ]  # fmt: skip
    headings = ["crawler", "last (s)", "median (s)", "left (s)", "created", "updated", "deleted"]
    out.rows(found, headings, cells)


@crawlers.command("events")
def post_events(
    created: Annotated[
        list[str] | None, typer.Option("--created", metavar="PLACE", help="It was written; may be repeated.")
    ] = None,
    removed: Annotated[
        list[str] | None, typer.Option("--removed", metavar="PLACE", help="It was removed; may be repeated.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Tell crawlers in event mode of files, or folders with a slash at the end, that were written or removed."""
    if not created and not removed:
        raise typer.BadParameter("give --created PLACE, --removed PLACE or both")
    told = [(EventKind.CREATED, created or []), (EventKind.REMOVED, removed or [])]
    posted = [ObjectEvent(options.spelled_out(place), kind) for kind, places in told for place in places]
    kept = core_of(home).engine.post_object_events(posted)
    sentence = f"{kept} of {len(posted)} event(s) concern a crawler in event mode"
    Output(output).result({"posted": len(posted), "kept": kept}, sentence)


@crawlers.command("delete")
def delete_crawler(name: CrawlerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a crawler; its tables and history stay."""
    core_of(home).engine.delete_crawler(name)
    Output(output).result({"deleted": name}, f"crawler {name} deleted")
