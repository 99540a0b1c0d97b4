"""The command line: `isinglass COMMAND`. A failure is one line on standard error and exit code 1; wrong usage is 2."""

from __future__ import annotations

import sys

import typer
from rich.console import Console
from rich.text import Text

from api.cli import (
    access,
    bookmarks,
    catalog,
    classifiers,
    connections,
    crawlers,
    crawling,
    environments,
    events,
    job_figures,
    job_logs,
    job_runs,
    jobs,
    moving,
    pruning,
    search,
    service,
    sessions,
    spark_ui,
    triggers,
    webhooks,
    workflows,
)
from catalog.errors import DomainError

app = typer.Typer(
    name="isinglass",
    help="The clear glue: a metadata catalog, crawlers and a Spark ETL engine, on your own machine.\n\n"
    "Commands work on the home itself, as its owner: they need no token, also where a service asks for one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(service.serve)
app.command()(service.demo)
app.add_typer(crawling.crawls, name="crawl")
app.add_typer(crawlers.crawlers, name="crawler")
app.add_typer(classifiers.classifiers, name="classifier")
app.add_typer(catalog.databases, name="database")
app.add_typer(catalog.tables, name="table")
app.add_typer(catalog.partitions, name="partition")
app.add_typer(connections.connections, name="connection")
jobs.jobs.command("logs")(job_logs.show_logs)
jobs.jobs.command("stages")(job_figures.show_stages)
jobs.jobs.command("executors")(job_figures.show_executors)
jobs.jobs.command("spark-ui")(spark_ui.show_spark_ui)
app.add_typer(job_runs.jobs, name="job")
app.add_typer(sessions.sessions, name="session")
app.add_typer(triggers.triggers, name="trigger")
app.add_typer(workflows.workflows, name="workflow")
app.add_typer(bookmarks.bookmarks, name="bookmark")
app.add_typer(environments.environments, name="environment")
app.command("events")(events.show_events)
app.command("prune")(pruning.prune)
app.command("search")(search.search)
app.add_typer(webhooks.webhooks, name="webhook")
app.add_typer(access.tokens, name="token")
app.add_typer(access.access_keys, name="access-key")
app.command("audit")(access.show_audit)
app.add_typer(moving.catalogs, name="catalog")
app.command()(moving.backup)
app.command()(moving.restore)
app.command("spark-conf")(service.spark_conf)


def main() -> None:
    try:
        app()
    except DomainError as error:
        sentence = " ".join(str(error).split())
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"isinglass: {sentence}"))
        sys.exit(1)
