"""`isinglass job` and `bookmark`: definitions, runs, logs, and what a job has read so far."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.following import attended
from api.cli.options import HomeOption, OutputOption, core_of, pairs
from api.cli.output import Format, Output
from api.core import Core
from catalog.errors import InvalidInput
from engine.errors import ScriptNotFound
from engine.model import BOOKMARK_OPTION, JOB, Job, Run
from engine.sparkjobs import ERROR_LOG, OUTPUT_LOG
from engine.states import RunState

jobs = typer.Typer(help="Spark jobs and their runs.", no_args_is_help=True)
bookmarks = typer.Typer(help="What a job has read so far.", no_args_is_help=True)

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
    script: Annotated[Path, typer.Argument(metavar="SCRIPT", help="The path of a Python script as AWS Glue takes it.")],
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
    path = script.expanduser().absolute()
    if not path.is_file():
        raise ScriptNotFound(path=path, why="no such file")
    core = core_of(home)
    job = Job(name, str(path), _arguments(argument, bookmark), description, glue_version, timeout, max_concurrent_runs)
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
        out.say(
            f"{margin}  {source.source}: {source.selected_files} new files read, {source.skipped_files} read before "
            f"(bookmark {source.context})"
        )
    if run.figures:
        read, written = (run.figures.get(name, 0) for name in ("rows_read", "rows_written"))
        out.say(f"{margin}  rows in {read:,.0f}, rows out {written:,.0f}")
    if run.state is RunState.FAILED:
        out.say(f"{margin}  its log: isinglass job logs {run.id} --errors")


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


@bookmarks.command("show")
def show_bookmark(name: JobName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show what a job has read, source by source."""
    core, out = core_of(home), Output(output)
    bookmark = core.engine.get_bookmark(name)
    cells: Sequence[Sequence[object]] = [
        (context, datetime.fromtimestamp(state.high_ms / 1000, UTC), len(state.seen))
        for context, state in sorted(bookmark.sources.items())
    ]
    if not out.text:
        out.json(bookmark)
        return
    out.say(f"bookmark of {name}, version {bookmark.version}, after run {bookmark.run_id or '(reset)'}")
    out.rows([], ["source (transformation_ctx)", "files read up to", "remembered one by one"], cells)


@bookmarks.command("reset")
def reset_bookmark(name: JobName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Forget what a job has read: its next run reads everything."""
    done = core_of(home).engine.reset_bookmark(name)
    Output(output).result(done, f"bookmark of {name} reset" if done else f"job {name} has no bookmark")
