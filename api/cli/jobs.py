"""`isinglass job`: definitions."""

# ruff: noqa: ARG001 — a command's options are its parameters, and are read from its context.

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli import job_options as options
from api.cli.job_options import arguments_of, fields_of, named_arguments
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from crawlers.places import local_name, scheme_of
from engine.errors import ScriptNotFound
from engine.jobs.job_rules import of_known_command, resized
from engine.model import Job, timeout_of

jobs = typer.Typer(help="Jobs and their runs.", no_args_is_help=True)

JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job's name.")]


@jobs.command("create")
def create_job(
    context: typer.Context,
    name: JobName,
    script: Annotated[
        str, typer.Argument(metavar="SCRIPT", help="A Python script as AWS Glue takes it: its path, or where in S3.")
    ],
    argument: options.Arguments = None,
    fixed_argument: options.FixedArguments = None,
    bookmark: options.Bookmark = None,
    description: options.Description = None,
    command: options.Command = None,
    glue_version: options.GlueVersion = None,
    timeout: options.Timeout = None,
    max_concurrent_runs: options.MaxConcurrentRuns = None,
    queueing: options.Queueing = None,
    max_retries: options.MaxRetries = None,
    worker_type: options.WorkerType = None,
    number_of_workers: options.NumberOfWorkers = None,
    max_capacity: options.MaxCapacity = None,
    execution_class: options.ExecutionClass = None,
    notify_delay: options.NotifyDelay = None,
    connection: options.Connections = None,
    tag: options.Tags = None,
    environment: options.Environment = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a job from a script."""
    job = Job(
        name,
        _place(script),
        arguments_of(context.params),
        fixed_arguments=named_arguments(fixed_argument),
        **fields_of(context.params),
    )
    created = core_of(home).engine.create_job(of_known_command(job))
    Output(output).result(created, f"job {name} created; run it with: isinglass job run {name}")


@jobs.command("update")
def update_job(
    context: typer.Context,
    name: JobName,
    script: Annotated[str | None, typer.Option(metavar="SCRIPT", help="Its path, or where in S3.")] = None,
    argument: options.Arguments = None,
    remove_argument: Annotated[
        list[str] | None, typer.Option(metavar="--NAME", help="An argument to take away; may be repeated.")
    ] = None,
    fixed_argument: options.FixedArguments = None,
    bookmark: options.Bookmark = None,
    description: options.Description = None,
    command: options.Command = None,
    glue_version: options.GlueVersion = None,
    timeout: options.Timeout = None,
    max_concurrent_runs: options.MaxConcurrentRuns = None,
    queueing: options.Queueing = None,
    max_retries: options.MaxRetries = None,
    worker_type: options.WorkerType = None,
    number_of_workers: options.NumberOfWorkers = None,
    max_capacity: options.MaxCapacity = None,
    execution_class: options.ExecutionClass = None,
    notify_delay: options.NotifyDelay = None,
    connection: options.Connections = None,
    tag: options.Tags = None,
    environment: options.Environment = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Change what is given of a job, and leave the rest. Connections and tags are replaced, arguments added."""
    engine = core_of(home).engine
    job = engine.get_job(name)
    removed = set(remove_argument or ())
    changed = replace(
        job,
        script=_place(script) if script else job.script,
        script_text=None if script else job.script_text,
        default_arguments=_without(job.default_arguments, removed) | arguments_of(context.params),
        fixed_arguments=_without(job.fixed_arguments, removed) | named_arguments(fixed_argument),
        **resized(fields_of(context.params)),
    )
    updated = engine.update_job(of_known_command(changed), job.version)
    Output(output).result(updated, f"job {name} is at version {updated.version}")


def _without(arguments: dict[str, str], names: set[str]) -> dict[str, str]:
    return {name: value for name, value in arguments.items() if name not in names}


def _place(script: str) -> str:
    """Where the script is, for a service that runs in another folder. Raises ScriptNotFound."""
    if scheme_of(script) != "file":
        return script
    path = Path(local_name(script))
    if not path.is_file():
        raise ScriptNotFound(path=path, why="no such file")
    return str(path)


@jobs.command("list")
def list_jobs(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List jobs."""
    core, out = core_of(home), Output(output)
    found = core.engine.list_jobs(limit=1_000).items
    headings = ["job", "command", "glue", "size", "updated", "script"]
    out.rows(found, headings, [(j.name, j.command, j.glue_version, _size(j), j.updated_at, j.script) for j in found])


@jobs.command("show")
def show_job(name: JobName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a job's definition."""
    core, out = core_of(home), Output(output)
    job = core.engine.get_job(name)
    if not out.text:
        out.json(job)
        return
    minutes = timeout_of(job)
    told = [
        ("name", job.name),
        ("description", job.description),
        ("script", job.script),
        ("command", job.command),
        ("glue version", job.glue_version),
        ("size", _size(job)),
        ("execution class", job.execution_class),
        ("timeout", "none" if minutes is None else f"{minutes} min"),
        ("retries", job.max_retries),
        ("concurrent runs", f"{job.max_concurrent_runs}, {'others wait' if job.queueing else 'others are refused'}"),
        ("notify delay", f"{job.notify_delay_minutes} min" if job.notify_delay_minutes else None),
        ("connections", ", ".join(job.connections) or None),
        ("environment", job.environment),
        *((f"tag {name}", value) for name, value in sorted(job.tags.items())),
        *sorted(job.default_arguments.items()),
        *((f"{name} (fixed)", value) for name, value in sorted(job.fixed_arguments.items())),
    ]
    out.grid(["", ""], [(name, value) for name, value in told if value is not None])


def _size(job: Job) -> str | None:
    if job.worker_type is not None:
        return f"{job.number_of_workers} × {job.worker_type}"
    return f"{job.max_capacity:g} DPU" if job.max_capacity is not None else None


@jobs.command("delete")
def delete_job(name: JobName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a job and its bookmark; its runs stay on record."""
    core_of(home).engine.delete_job(name)
    Output(output).result({"deleted": name}, f"job {name} deleted")
