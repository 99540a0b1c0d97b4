"""`isinglass job`: definitions, runs and logs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.following import attended
from api.cli.options import HomeOption, OutputOption, core_of, pairs
from api.cli.output import Format, Output
from api.core import Core
from catalog.errors import InvalidInput
from crawlers.places import local_name, scheme_of
from engine.errors import ScriptNotFound
from engine.model import BOOKMARK_OPTION, JOB, CountState, Job, KeyState, Run, RunSource
from engine.selection import Reason
from engine.sparkjobs import ERROR_LOG, OUTPUT_LOG
from engine.states import RunState

jobs = typer.Typer(help="Spark jobs and their runs.", no_args_is_help=True)

JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job's name.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
Arguments = Annotated[
    list[str] | None,
    typer.Option("--argument", "-a", metavar="--NAME=VALUE", help="An argument of the script; may be repeated."),
]
Bookmark = Annotated[str | None, typer.Option("--bookmark", metavar="enable|disable|pause", help="The job bookmark.")]


def _arguments(texts: list[str] | None, bookmark: str | None) -> dict[str, str]:
    found = pairs(texts or [], "an argument of the form --NAME=VALUE")
    return found | ({BOOKMARK_OPTION: f"job-bookmark-{bookmark}"} if bookmark else {})


@jobs.command("create")
def create_job(
    name: JobName,
    script: Annotated[
        str, typer.Argument(metavar="SCRIPT", help="A Python script as AWS Glue takes it: its path, or where in S3.")
    ],
    argument: Arguments = None,
    bookmark: Bookmark = None,
    description: Annotated[str | None, typer.Option(help="What it does.")] = None,
    glue_version: Annotated[str, typer.Option(help="5.x behaves as Glue 5's Spark 3.5; 6.0 as Spark 4.")] = "5.1",
    timeout: Annotated[int, typer.Option(metavar="MINUTES", help="A run that lasts longer is ended.")] = 480,
    max_concurrent_runs: Annotated[int, typer.Option(help="Unfinished runs at one time.")] = 1,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a job from a script."""
    place = script
    if scheme_of(script) == "file":
        path = Path(local_name(script))
        place = str(path)
        if not path.is_file():
            raise ScriptNotFound(path=path, why="no such file")
    core = core_of(home)
    job = Job(name, place, _arguments(argument, bookmark), description, glue_version, timeout, max_concurrent_runs)
    Output(output).result(core.engine.create_job(job), f"job {name} created; run it with: isinglass job run {name}")


@jobs.command("list")
def list_jobs(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List jobs."""
    core, out = core_of(home), Output(output)
    found = core.engine.list_jobs(limit=1_000).items
    out.rows(
        found, ["job", "glue", "updated", "script"], [(j.name, j.glue_version, j.updated_at, j.script) for j in found]
    )


@jobs.command("show")
def show_job(name: JobName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a job's definition."""
    core, out = core_of(home), Output(output)
    job = core.engine.get_job(name)
    if not out.text:
        out.json(job)
        return
    out.grid(
        ["", ""],
        [
            ("name", job.name),
            ("description", job.description),
            ("script", job.script),
            ("glue version", job.glue_version),
            ("timeout", f"{job.timeout_minutes} min"),
            ("concurrent runs", job.max_concurrent_runs),
            *sorted(job.default_arguments.items()),
        ],
    )


@jobs.command("run")
def run_job(
    name: JobName,
    argument: Arguments = None,
    bookmark: Bookmark = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Run a job and wait for its end; exit code 0 only if it succeeds."""
    core, out = core_of(home), Output(output)
    with attended(core, out) as see_through:
        run = see_through(core.engine.start_job_run(name, _arguments(argument, bookmark)))
    show_run(core, out, run)
    if run.state is not RunState.SUCCEEDED:
        raise typer.Exit(1)


def show_run(core: Core, out: Output, run: Run, indent: int = 0) -> None:
    sources = core.engine.list_sources(run.id)
    if not out.text:
        out.json({"run": run, "sources": sources})
        return
    margin, seconds = " " * indent, run.execution_seconds
    out.say(f"{margin}run {run.id} {run.state}" + (f" after {seconds:.1f} s" if seconds is not None else ""))
    if run.detail:
        out.say(f"{margin}  {run.detail}")
    for source in sources:
        out.say(f"{margin}  {source.source}: {_report(source)} (bookmark {source.context})")
        if source.note:
            out.say(f"{margin}    {source.note}")
    if run.figures:
        read, written = (run.figures.get(name, 0) for name in ("rows_read", "rows_written"))
        out.say(f"{margin}  rows in {read:,.0f}, rows out {written:,.0f}")
    if run.state is RunState.FAILED:
        out.say(f"{margin}  its log: isinglass job logs {run.id} --errors")


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
    """List runs, newest first."""
    core, out = core_of(home), Output(output)
    if name is not None:
        core.engine.get_job(name)
    found = core.engine.list_runs(JOB, name, limit).items
    cells = [(r.id, r.subject, r.state, r.queued_at, seconds_of(r), r.detail or "") for r in found]
    out.rows(found, ["run", "job", "state", "queued", "seconds", ""], cells)


def seconds_of(run: Run) -> float | None:
    if run.started_at is None:
        return None
    return ((run.finished_at or datetime.now(UTC)) - run.started_at).total_seconds()


@jobs.command("logs")
def show_logs(
    run_id: RunId,
    errors: Annotated[bool, typer.Option("--errors", help="Standard error and Spark's log, not the output.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Print what a run's script wrote."""
    core, out = core_of(home), Output(output)
    core.engine.get_run(run_id)
    log = core.home.runs / run_id / (ERROR_LOG if errors else OUTPUT_LOG)
    if not log.exists():
        raise InvalidInput(what=f"log of run {run_id}", why="it has not begun.")
    with log.open(errors="replace") as file:
        if not out.text:
            out.json({"run": run_id, "log": file.read()})
            return
        for line in file:
            sys.stdout.write(line)


@jobs.command("stop")
def stop_run(run_id: RunId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Ask a run to stop."""
    run = core_of(home).engine.stop_run(run_id)
    Output(output).result(run, f"run {run.id} was asked to stop; it is {run.state}")


@jobs.command("delete")
def delete_job(name: JobName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a job and its bookmark; its runs stay on record."""
    core_of(home).engine.delete_job(name)
    Output(output).result({"deleted": name}, f"job {name} deleted")
