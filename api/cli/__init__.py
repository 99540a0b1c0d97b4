"""The command line: `isinglass COMMAND`. A failure is one line on standard error and exit code 1; wrong usage is 2."""

from __future__ import annotations

import sys

import typer
from rich.console import Console
from rich.text import Text

from api.cli import catalog, crawling, jobs, service
from catalog.errors import DomainError

app = typer.Typer(
    name="isinglass",
    help="The clear glue: a metadata catalog, crawlers and a Spark ETL engine, on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(service.serve)
app.command()(service.demo)
app.command()(crawling.crawl)
app.add_typer(crawling.crawlers, name="crawler")
app.add_typer(catalog.databases, name="database")
app.add_typer(catalog.tables, name="table")
app.add_typer(catalog.partitions, name="partition")
app.add_typer(jobs.jobs, name="job")
app.add_typer(jobs.bookmarks, name="bookmark")
app.command("spark-conf")(service.spark_conf)


def main() -> None:
    try:
        app()
    except DomainError as error:
        sentence = " ".join(str(error).split())
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"isinglass: {sentence}"))
        sys.exit(1)
