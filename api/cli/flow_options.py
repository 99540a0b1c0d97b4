"""Options that name jobs, crawlers and states, as commands of triggers and workflows take them."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.flows.trigger_model import Action, Condition, Node
from engine.model import CRAWL, JOB
from engine.states import FINAL, RunState

JobOption = Annotated[
    list[str] | None, typer.Option("--job", metavar="JOB", help="A job that it starts; may be repeated.")
]
CrawlerOption = Annotated[
    list[str] | None, typer.Option("--crawler", metavar="CRAWLER", help="A crawler that it starts; may be repeated.")
]
AfterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--after",
        metavar="NODE[=STATE]",
        help="Fire when runs of this job, or of crawler:NAME, end so (default: SUCCEEDED); may be repeated. "
        "Outside of workflows, as in Glue, only runs that a trigger began count.",
    ),
]
ZoneOption = Annotated[str | None, typer.Option("--zone", metavar="ZONE", help="Of the schedule; default: UTC.")]


def node_of(text: str) -> Node:
    """`job:NAME`, `crawler:NAME` or the name of a job."""
    kind, colon, name = text.partition(":")
    if colon and name and kind in ("job", "crawler"):
        return Node(JOB if kind == "job" else CRAWL, name)
    return Node(JOB, text)


def spelled(node: Node) -> str:
    return node.name if node.kind == JOB else f"crawler:{node.name}"


def condition_of(text: str) -> Condition:
    """`NODE` or `NODE=STATE`. Raises BadParameter."""
    node, _, state = text.partition("=")
    return Condition(node_of(node), state_of(state or RunState.SUCCEEDED))


def state_of(text: str) -> RunState:
    """A state in which runs end. Raises BadParameter."""
    if text.upper() not in FINAL:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(sorted(FINAL))}")
    return RunState(text.upper())


def spelled_condition(condition: Condition) -> str:
    return f"{spelled(condition.node)} {condition.state}"


def actions_of(
    jobs: list[str] | None,
    crawlers: list[str] | None,
    arguments: dict[str, str],
    timeout: int | None,
    notify_after: int | None,
) -> tuple[Action, ...]:
    started = [Action(Node(JOB, name), arguments, timeout, notify_after) for name in jobs or []]
    return (*started, *(Action(Node(CRAWL, name)) for name in crawlers or []))
