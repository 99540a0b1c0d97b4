"""`isinglass crawl`: finding tables in places at once, or planning it first and applying the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from api.cli import crawler_options as options
from api.cli.crawler_options import Described, described
from api.cli.following import attended
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from api.cli.reports import show_plan, show_report
from api.core import Core
from crawlers.model import Crawler
from crawlers.plans import Plan
from crawlers.report import Report
from engine.crawling import plans
from engine.crawling.plans import FullPlan
from engine.model import Run
from engine.states import RunState

if TYPE_CHECKING:
    from crawlers.crawl import Progress

_START = "start"


class _Crawling(TyperGroup):
    """`crawl WORD …` is `crawl start WORD …` unless WORD is one of the commands."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [_START, *args]
        return super().parse_args(ctx, args)


crawls = typer.Typer(
    cls=_Crawling, no_args_is_help=True, help="Crawl a place, or a crawler's places; plan it first with --dry-run."
)

PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.")]


@crawls.command(_START)
def crawl(
    place: Annotated[str, typer.Argument(metavar="PLACE|CRAWLER", help="A folder or file; or a crawler's name.")],
    database: options.DatabaseOption = None,
    prefix: options.PrefixOption = None,
    exclude: options.ExcludeOption = None,
    sample_size: options.SampleOption = None,
    table_name: options.TableNameOption = None,
    configuration: options.ConfigurationOption = None,
    classifier: options.ClassifierOption = None,
    engine: options.EngineOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan it: show what would change, write nothing.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Find the tables in a place and write them to the catalog. Without --database PLACE is a crawler's name."""
    core, out = core_of(home), Output(output)
    given = Described(
        database, prefix, [place], exclude, sample_size, table_name, configuration,
        classifiers=classifier, engine=engine,
    )  # fmt: skip
    crawler = _stored(core, place) if database is None else described(Crawler("crawl", database), given)
    if database is not None:
        core.catalog.get_database(database)
    if dry_run:
        tell_plan(out, core, planned(core, out, crawler, stored=database is None))
        return
    with attended(core, out) as see_through:
        run = see_through(core.engine.start_crawler(place) if database is None else core.engine.start_crawl(crawler))
    tell_report(out, report_of(core, out, run))


def _stored(core: Core, name: str) -> Crawler:
    found = core.engine.find_crawler(name)
    if found is None:
        raise typer.BadParameter(f"there is no crawler {name!r}; to crawl a place, say --database", param_hint="PLACE")
    return found


def planned(core: Core, out: Output, crawler: Crawler, stored: bool) -> FullPlan:
    """A plan of what the crawler would change, with its progress shown while it is made."""
    with out.progress() as display:
        task = display.add_task("looking", total=None)

        def told(progress: Progress) -> None:
            words = {"list": "listing files", "read": "reading files"}.get(progress.stage, progress.stage)
            display.update(task, description=words, completed=progress.done, total=progress.total or None)

        return plans.make_plan(core.catalog, crawler, stored, told, spark=core.engine.spark)


def tell_plan(out: Output, core: Core, full: FullPlan) -> None:
    state = full.plan.state(core.catalog.now())
    if out.text:
        show_plan(out, full, state)
    else:
        out.json({**_plain(core, full.plan), "report": full.body.report, "readers": full.readers})


def report_of(core: Core, out: Output, run: Run) -> Report:
    """The report of a crawl that has ended; the command ends here if it did not end well."""
    if run.state is not RunState.SUCCEEDED:
        out.errors.print(f"isinglass: crawl {run.id} {run.state}: {run.detail}")
        raise typer.Exit(1)
    return core.engine.get_report(run.id)


def tell_report(out: Output, report: Report) -> None:
    if out.text:
        show_report(out, report)
    else:
        out.json(report)


@crawls.command("plans")
def list_plans(
    crawler: Annotated[str | None, typer.Option(metavar="CRAWLER", help="Of this crawler only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """List plans, newest first."""
    core, out = core_of(home), Output(output)
    found = core.engine.list_plans(crawler, limit).items
    now = core.catalog.now()
    cells = [(p.id, p.crawler, p.created_at, p.state(now), len(p.changing), p.breaking) for p in found]
    shown = [_plain(core, plan) for plan in found]
    out.rows(shown, ["plan", "crawler", "made", "state", "tables", "breaking"], cells)


@crawls.command("show")
def show(plan: PlanId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show all of a plan."""
    core = core_of(home)
    tell_plan(Output(output), core, plans.get_plan(core.catalog, plan))


@crawls.command("apply")
def apply_plan(
    plan: PlanId,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="TABLE", help="Write this table alone; may be repeated.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Write what a plan shows, or a part of it: all at once, or nothing if the catalog changed meanwhile."""
    core = core_of(home)
    applied = plans.apply_plan(core.catalog, plan, only or None)
    written = ", ".join(applied.applied) or "nothing: there was nothing to change"
    Output(output).result(_plain(core, applied), f"plan {plan} applied: {written}")


@crawls.command("delete")
def delete_plan(plan: PlanId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a plan; what it wrote stays."""
    core_of(home).engine.delete_plan(plan)
    Output(output).result({"deleted": plan}, f"plan {plan} deleted")


def _plain(core: Core, plan: Plan) -> dict[str, object]:
    """A plan for programs."""
    names = ("id", "crawler", "tables", "partitions", "changing", "breaking", "created_at", "expires_at", "applied_at")
    shown: dict[str, object] = {name: getattr(plan, name) for name in (*names, "applied")}
    return {**shown, "state": plan.state(core.catalog.now())}
