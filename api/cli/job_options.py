"""The options that define a job, and those that a run of it may have otherwise."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.options import pairs
from catalog.errors import InvalidInput
from engine.jobs.job_rules import COMMANDS
from engine.jobs.sizing import WORKER_TYPES
from engine.model import BOOKMARK_OPTION, Overrides

Arguments = Annotated[
    list[str] | None,
    typer.Option("--argument", "-a", metavar="--NAME=VALUE", help="An argument of the script; may be repeated."),
]
FixedArguments = Annotated[
    list[str] | None,
    typer.Option(metavar="--NAME=VALUE", help="An argument that no run may have otherwise; may be repeated."),
]
Bookmark = Annotated[str | None, typer.Option("--bookmark", metavar="enable|disable|pause", help="The job bookmark.")]
Description = Annotated[str | None, typer.Option(help="What it does.")]
Command = Annotated[
    str | None, typer.Option(metavar="|".join(COMMANDS), help="What carries the script out.  [default: glueetl]")
]
GlueVersion = Annotated[
    str | None, typer.Option(help="Up to 5.1 behaves as Glue 5's Spark 3.5; 6.0 as Spark 4.  [default: 5.1]")
]
Timeout = Annotated[
    int | None,
    typer.Option(
        metavar="MINUTES",
        help="A run that lasts longer is ended.  [default: 480, up to Glue 4.0 2880; for gluestreaming none]",
    ),
]
MaxConcurrentRuns = Annotated[int | None, typer.Option(help="Runs that go on at one time.  [default: 1]")]
Queueing = Annotated[
    bool | None,
    typer.Option("--queueing/--no-queueing", help="Whether a run past that waits, or is refused.  [default: refused]"),
]
MaxRetries = Annotated[
    int | None, typer.Option(help="How often a run that fails is repeated, at most 10.  [default: 0]")
]
WorkerType = Annotated[str | None, typer.Option(metavar="TYPE", help=f"One of {', '.join(WORKER_TYPES)}.")]
NumberOfWorkers = Annotated[int | None, typer.Option(help="How many of them; one is the driver's.")]
MaxCapacity = Annotated[
    float | None, typer.Option(metavar="DPU", help="Instead of workers; of a Python shell job 0.0625 or 1.")
]
ExecutionClass = Annotated[
    str | None, typer.Option(metavar="STANDARD|FLEX", help="FLEX is for glueetl of Glue 3.0 and later.")
]
NotifyDelay = Annotated[
    int | None, typer.Option(metavar="MINUTES", help="A run that lasts longer is told of by an event.")
]
Connections = Annotated[
    list[str] | None,
    typer.Option("--connection", metavar="NAME", help="A connection that its runs may open; may be repeated."),
]
Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="NAME=VALUE", help="May be repeated.")]
Environment = Annotated[
    str | None, typer.Option(metavar="NAME", help="The execution environment.  [default: this machine]")
]

_FIELDS = {
    "timeout": "timeout_minutes",
    "notify_delay": "notify_delay_minutes",
    **{
        name: name
        for name in (
            *("description", "command", "glue_version", "max_concurrent_runs", "queueing", "max_retries"),
            *("worker_type", "number_of_workers", "max_capacity", "execution_class", "environment"),
        )
    },
}


def named_arguments(texts: list[str] | None) -> dict[str, str]:
    """AWS takes a name without --; typed here it is a slip, as scripts would not find it. Raises InvalidInput."""
    found = pairs(texts or [], "an argument of the form --NAME=VALUE")
    for name in found:
        if not name.startswith("--") or len(name) < 3:
            raise InvalidInput(what=f"argument {name!r}", why="an argument's name begins with --.")
    return found


def arguments_of(given: dict[str, Any]) -> dict[str, str]:
    """The arguments among a command's parameters, with the bookmark's option."""
    found = named_arguments(given.get("argument"))
    bookmark = given.get("bookmark")
    return found | ({BOOKMARK_OPTION: f"job-bookmark-{bookmark}"} if bookmark else {})


def fields_of(given: dict[str, Any]) -> dict[str, Any]:
    """A job's fields, other than its script and its arguments, as far as a command's parameters give them."""
    found = {field: given[name] for name, field in _FIELDS.items() if given.get(name) is not None}
    if given.get("connection"):
        found["connections"] = tuple(given["connection"])
    if given.get("tag"):
        found["tags"] = pairs(given["tag"], "a tag of the form NAME=VALUE")
    return found


def overrides_of(given: dict[str, Any]) -> Overrides:
    return Overrides(**fields_of(given))
