"""`isinglass job`: runs, started, followed, told and stopped."""

# ruff: noqa: ARG001 — a command's options are its parameters, and are read from its context.

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli import job_options as options
from api.cli.following import attended
from api.cli.job_figures import figure_lines
from api.cli.job_options import arguments_of, overrides_of
from api.cli.jobs import JobName
from api.cli.jobs import jobs as jobs
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from api.core import Core
from catalog.errors import NotFound
from engine.jobs.sizing import granted
from engine.model import JOB, CountState, KeyState, Run, RunSource
from engine.reads.selection import Reason
from engine.states import RunState

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]


@jobs.command("run")
def run_job(
    context: typer.Context,
    name: JobName,
    argument: options.Arguments = None,
    bookmark: options.Bookmark = None,
    timeout: options.Timeout = None,
    queueing: options.Queueing = None,
    worker_type: options.WorkerType = None,
    number_of_workers: options.NumberOfWorkers = None,
    max_capacity: options.MaxCapacity = None,
    execution_class: options.ExecutionClass = None,
    notify_delay: options.NotifyDelay = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Run a job and wait for its end, its repeats included; exit code 0 only if it succeeds."""
    core, out = core_of(home), Output(output)
    arguments, overrides = arguments_of(context.params), overrides_of(context.params)
    with attended(core, out) as see_through:
        run = see_through(core.engine.start_job_run(name, arguments, overrides))
        while repeat := core.engine.find_repeat(run.id):
            out.say(f"run {run.id} {run.state}: {run.detail}; it is repeated as {repeat.id}")
            run = see_through(repeat)
    show_run(core, out, run)
    if run.state is not RunState.SUCCEEDED:
        raise typer.Exit(1)


@jobs.command("start")
def start_job(
    context: typer.Context,
    name: JobName,
    argument: options.Arguments = None,
    bookmark: options.Bookmark = None,
    timeout: options.Timeout = None,
    queueing: options.Queueing = None,
    worker_type: options.WorkerType = None,
    number_of_workers: options.NumberOfWorkers = None,
    max_capacity: options.MaxCapacity = None,
    execution_class: options.ExecutionClass = None,
    notify_delay: options.NotifyDelay = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Put a run of a job in and do not wait for it: a service works it off."""
    core = core_of(home)
    run = core.engine.start_job_run(name, arguments_of(context.params), overrides_of(context.params))
    Output(output).result(run, f"run {run.id}: {core.engine.batch_why_waiting([run.id]).get(run.id, run.state)}")


@jobs.command("show-run")
def show_one_run(run_id: RunId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a run: its state, why it waits, what it read and measured, and its attempts."""
    core = core_of(home)
    run = core.engine.get_run(run_id)
    if run.kind != JOB:
        raise NotFound(kind="Job run", name=run_id)
    show_run(core, Output(output), run)


def show_run(core: Core, out: Output, run: Run, indent: int = 0) -> None:
    sources = core.engine.list_sources(run.id)
    attempts = core.engine.batch_list_attempts([run.id])[run.id]
    waiting = core.engine.batch_why_waiting([run.id]).get(run.id)
    if not out.text:
        out.json({"run": run, "sources": sources, "attempts": [each.id for each in attempts], "waiting_for": waiting})
        return
    margin, seconds = " " * indent, run.execution_seconds
    out.say(f"{margin}run {run.id} {run.state}" + (f" after {seconds:.1f} s" if seconds is not None else ""))
    for line in filter(None, (waiting, run.detail)):
        out.say(f"{margin}  {line}")
    if len(attempts) > 1:
        out.say(f"{margin}  attempts: {', '.join(f'{each.id} {each.state}' for each in attempts)}")
    for source in sources:
        out.say(f"{margin}  {source.source}: {_report(source)} (bookmark {source.context})")
        if source.note:
            out.say(f"{margin}    {source.note}")
    for line in (*figure_lines(run.figures), *_size_and_cost(run)):
        out.say(f"{margin}  {line}")
    if run.state is RunState.FAILED:
        out.say(f"{margin}  its log: isinglass job logs {run.id} --errors")


def _size_and_cost(run: Run) -> list[str]:
    """What it was given of what it asked for, and what that cost."""
    figures, given = run.figures, granted(run.figures)
    if given is None:
        return []
    words = f"{given.cores} cores, {given.memory_mb:,} MB"
    if "asked_cores" in figures:
        words += f" of {figures['asked_cores']:.0f} cores, {figures['asked_memory_mb']:,.0f} MB asked for"
    if "dpu_seconds" not in figures:
        return [words]
    cost = f", {figures['cost']:.4f} by price" if "cost" in figures else ""
    return [words, f"{figures['dpu_seconds']:,.1f} DPU-seconds{cost}"]


def _report(source: RunSource) -> str:
    """How many files were read and how many not, and why not."""
    if isinstance(source.state, KeyState):
        return f"rows read up to {' '.join(source.state.last or ()) or 'none'}"
    if isinstance(source.state, CountState):
        return f"counted to {source.state.count}"
    skipped = [(Reason(name), count) for name, count in source.reasons.items() if not Reason(name).selected]
    why = [f"{count} {reason.words}" for reason, count in skipped] or [f"{source.skipped_files} read before"]
    return f"{source.selected_files} new files read, {', '.join(why)}"


@jobs.command("runs")
def list_runs(
    name: Annotated[str | None, typer.Argument(metavar="JOB", help="The job's name; default: all.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """List runs, newest first; of one that waits, what for."""
    core, out = core_of(home), Output(output)
    if name is not None:
        core.engine.get_job(name)
    found = core.engine.list_runs(JOB, name, limit).items
    waiting = core.engine.batch_why_waiting([run.id for run in found])
    cells = [
        (r.id, r.subject, r.attempt or "", r.state, r.queued_at, seconds_of(r), waiting.get(r.id) or r.detail or "")
        for r in found
    ]
    out.rows(found, ["run", "job", "repeat", "state", "queued", "seconds", ""], cells)


def seconds_of(run: Run) -> float | None:
    if run.started_at is None:
        return None
    return ((run.finished_at or datetime.now(UTC)) - run.started_at).total_seconds()


@jobs.command("stop")
def stop_run(run_id: RunId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Ask a run to stop."""
    run = core_of(home).engine.stop_run(run_id)
    Output(output).result(run, f"run {run.id} was asked to stop; it is {run.state}")
