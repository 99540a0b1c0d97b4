"""`isinglass trigger`: what starts jobs and crawlers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated

import typer

from api.cli.crawlers import SHOWN_FIRES
from api.cli.flow_options import (
    AfterOption,
    CrawlerOption,
    JobOption,
    ZoneOption,
    actions_of,
    condition_of,
    spelled,
    spelled_condition,
)
from api.cli.job_options import Arguments, named_arguments
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from catalog.paging import all_pages
from engine.flows.trigger_model import EventBatch, Logic, Predicate, Trigger, TriggerFire, TriggerState, TriggerType

triggers = typer.Typer(help="Triggers: what starts jobs and crawlers.", no_args_is_help=True)

TriggerName = Annotated[str, typer.Argument(metavar="TRIGGER", help="The trigger's name.")]
ScheduleOption = Annotated[
    str | None,
    typer.Option("--schedule", metavar="EXPR", help="'cron(15 12 * * ? *)' for each day at 12:15, or 'rate(6 hours)'."),
]
AnyOption = Annotated[bool, typer.Option("--any", help="Fire when one of --after is met, not all of them.")]
EventsOption = Annotated[
    int | None, typer.Option("--events", min=1, metavar="N", help="Fire once so many events wait.")
]
WindowOption = Annotated[
    int | None,
    typer.Option("--window", min=1, metavar="SECONDS", help="The longest that an event waits; default: 900."),
]
WorkflowOption = Annotated[str | None, typer.Option("--workflow", help="It acts in the runs of this workflow.")]
DescriptionOption = Annotated[str | None, typer.Option("--description", help="What it is for.")]
TimeoutOption = Annotated[int | None, typer.Option("--timeout", metavar="MINUTES", help="Of the runs of its jobs.")]
NotifyOption = Annotated[int | None, typer.Option("--notify-after", metavar="MINUTES", help="Tell of a longer run.")]


@triggers.command("create")
def create_trigger(
    name: TriggerName,
    job: JobOption = None,
    crawler: CrawlerOption = None,
    argument: Arguments = None,
    schedule: ScheduleOption = None,
    zone: ZoneOption = None,
    after: AfterOption = None,
    any_: AnyOption = False,
    events: EventsOption = None,
    window: WindowOption = None,
    workflow: WorkflowOption = None,
    description: DescriptionOption = None,
    timeout: TimeoutOption = None,
    notify_after: NotifyOption = None,
    stopped: Annotated[bool, typer.Option("--stopped", help="Do not follow it until `trigger start`.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a trigger: on a --schedule, --after runs, of --events, or by none of these on demand."""
    kind = _type_of(schedule, after, events)
    _demand_after(any_, after)
    if window is not None and events is None:
        raise typer.BadParameter("--window goes with --events")
    core = core_of(home)
    trigger = Trigger(
        name,
        kind,
        actions_of(job, crawler, named_arguments(argument), timeout, notify_after),
        description=description,
        workflow=workflow,
        schedule=schedule,
        zone=zone or "UTC",
        predicate=_predicate(after, any_) if after else None,
        batch=EventBatch(events, window or EventBatch.window_seconds) if events is not None else None,
    )
    made = core.engine.create_trigger(trigger, start=kind is not TriggerType.ON_DEMAND and not stopped)
    Output(output).result(made, f"trigger {name} created" + _what_next(made, core.engine.next_trigger_fires(made, 1)))


def _type_of(schedule: str | None, after: list[str] | None, events: int | None) -> TriggerType:
    given = [
        kind
        for kind, value in (
            (TriggerType.SCHEDULED, schedule),
            (TriggerType.CONDITIONAL, after),
            (TriggerType.EVENT, events),
        )
        if value is not None
    ]
    if len(given) > 1:
        raise typer.BadParameter("give --schedule, --after or --events: one of them")
    return given[0] if given else TriggerType.ON_DEMAND


def _predicate(after: list[str], any_: bool) -> Predicate:
    return Predicate(tuple(condition_of(each) for each in after), Logic.ANY if any_ else Logic.AND)


def _demand_after(any_: bool, after: list[str] | None) -> None:
    if any_ and not after:
        raise typer.BadParameter("--any goes with --after")


def _what_next(trigger: Trigger, fires: tuple[datetime, ...]) -> str:
    if trigger.type is TriggerType.ON_DEMAND:
        return f"; fire it with: isinglass trigger start {trigger.name}"
    if trigger.state is not TriggerState.ACTIVATED:
        return f"; it is not followed until: isinglass trigger start {trigger.name}"
    if trigger.schedule is None:
        return ""
    return f"\nisinglass serve fires it next at {fires[0]:%Y-%m-%d %H:%M:%S} UTC" if fires else "\nit never fires"


@triggers.command("update")
def update_trigger(
    name: TriggerName,
    job: JobOption = None,
    crawler: CrawlerOption = None,
    argument: Arguments = None,
    schedule: ScheduleOption = None,
    zone: ZoneOption = None,
    after: AfterOption = None,
    any_: AnyOption = False,
    events: EventsOption = None,
    window: WindowOption = None,
    description: DescriptionOption = None,
    timeout: TimeoutOption = None,
    notify_after: NotifyOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Change a trigger; what is not given stays, of what it starts all or nothing. Type and workflow stay."""
    _demand_after(any_, after)
    core = core_of(home)
    before = core.engine.get_trigger(name)
    batch = before.batch
    if events or window:  # of another type of trigger, the engine refuses it
        batch = batch or EventBatch()
        batch = EventBatch(events or batch.size, window or batch.window_seconds)
    changed = replace(
        before,
        actions=actions_of(job, crawler, named_arguments(argument), timeout, notify_after) or before.actions,
        schedule=schedule or before.schedule,
        zone=zone or before.zone,
        predicate=_predicate(after, any_) if after else before.predicate,
        batch=batch,
        description=before.description if description is None else description or None,
    )
    made = core.engine.update_trigger(changed, before.version)
    fires = core.engine.next_trigger_fires(made, 1)
    Output(output).result(made, f"trigger {name} is at version {made.version}" + _what_next(made, fires))


@triggers.command("list")
def list_triggers(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List triggers."""
    core, out = core_of(home), Output(output)
    found = list(all_pages(core.engine.list_triggers))
    due = [core.engine.next_trigger_fires(each, 1) for each in found]
    cells = [
        (t.name, t.type, t.state, t.workflow, next(iter(fires), None), _started(t))
        for t, fires in zip(found, due, strict=True)
    ]
    shown = [{**asdict(t), "next_fires": fires} for t, fires in zip(found, due, strict=True)]
    out.rows(shown, ["trigger", "type", "state", "workflow", "next fire (UTC)", "starts"], cells)


def _started(trigger: Trigger) -> str:
    return ", ".join(spelled(action.node) for action in trigger.actions)


@triggers.command("show")
def show_trigger(name: TriggerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a trigger, when it is due, and its last fires."""
    core, out = core_of(home), Output(output)
    trigger = core.engine.get_trigger(name)
    due = core.engine.next_trigger_fires(trigger, SHOWN_FIRES)
    fired = core.engine.list_fires(name, SHOWN_FIRES).items
    if out.text:
        out.grid(["", ""], list(_rows(trigger, due, fired)))
    else:
        out.json({**asdict(trigger), "next_fires": due, "fires": fired})


def _rows(trigger: Trigger, due: tuple[datetime, ...], fired: tuple[TriggerFire, ...]) -> Iterator[tuple[str, object]]:
    yield from (("name", trigger.name), ("type", trigger.type), ("state", trigger.state), ("version", trigger.version))
    yield from (("description", trigger.description), ("workflow", trigger.workflow))
    if trigger.schedule:
        yield "schedule", f"{trigger.schedule} {trigger.zone}"
    yield from (("next fire (UTC)", at) for at in due)
    if trigger.predicate:
        word = "after all of" if trigger.predicate.logic is Logic.AND else "after any of"
        yield from ((word, spelled_condition(each)) for each in trigger.predicate.conditions)
    if trigger.batch:
        yield "fires at", f"{trigger.batch.size} event(s), or after {trigger.batch.window_seconds} s"
    for action in trigger.actions:
        arguments = " ".join(f"{key}={value}" for key, value in action.arguments.items())
        yield "starts", f"{spelled(action.node)} {arguments}".rstrip()
    for fire in fired:
        yield "fired", f"{fire.at:%Y-%m-%d %H:%M:%S} by {fire.cause}: {fire.workflow_run_id or ', '.join(fire.run_ids)}"


@triggers.command("start")
def start_trigger(name: TriggerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Follow a trigger from now on; one on demand fires at once."""
    core, out = core_of(home), Output(output)
    begun = core.engine.start_trigger(name)
    if isinstance(begun, TriggerFire):
        out.result(begun, f"trigger {name} fired: {begun.workflow_run_id or ', '.join(begun.run_ids)}")
    else:
        sentence = f"trigger {name} is followed" + _what_next(begun, core.engine.next_trigger_fires(begun, 1))
        out.result(begun, sentence)


@triggers.command("stop")
def stop_trigger(name: TriggerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Follow a trigger no longer."""
    Output(output).result(core_of(home).engine.stop_trigger(name), f"trigger {name} is followed no longer")


@triggers.command("events")
def post_events(
    name: TriggerName,
    ids: Annotated[list[str], typer.Argument(metavar="EVENT…", help="The ids of events, 1 to 100.")],
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Tell a trigger of events."""
    fires = core_of(home).engine.post_events(name, ids)
    Output(output).result(fires, f"{len(ids)} event(s) posted; trigger {name} fired {len(fires)} time(s)")


@triggers.command("delete")
def delete_trigger(name: TriggerName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a trigger; the runs that it began stay."""
    core_of(home).engine.delete_trigger(name)
    Output(output).result({"deleted": name}, f"trigger {name} deleted")
