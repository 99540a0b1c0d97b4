"""What makes sense in a job's definition and in what a run of it asks for otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from catalog.errors import InvalidInput
from engine.errors import ArgumentRefused
from engine.jobs.arguments import demand_size
from engine.jobs.glue_versions import BEFORE_3, KNOWN, LONGEST_TIMEOUT
from engine.jobs.sizing import MAX_CAPACITY, RAY, SHELL_DPU, STREAMING, WORKER_TYPES, asked
from engine.model import (
    BOOKMARK_DISABLE,
    BOOKMARK_ENABLE,
    BOOKMARK_OPTION,
    BOOKMARK_PAUSE,
    DIRECT,
    OUTPUT_COMMIT,
    STAGED,
    Job,
    JobSpec,
    Overrides,
)

COMMANDS = ("glueetl", "gluestreaming", "pythonshell")
MOST_TAGS = 50
MOST_RETRIES = 10
LONGEST_DESCRIPTION = 2_048


def checked(job: Job) -> Job:
    """The job, if it makes sense, whatever its command is. Raises InvalidInput, ArgumentRefused."""
    if not job.name.strip() or len(job.name) > 255 or not job.name.isprintable():
        raise InvalidInput(what=f"job name {job.name[:40]!r}", why="it must have 1 to 255 printable characters.")
    _demand_runnable(job)
    for why in (*_faults(job), *_faults_of_size(job)):
        raise InvalidInput(what=f"job {job.name}", why=why)
    checked_arguments(job.name, job.default_arguments)
    checked_arguments(job.name, job.fixed_arguments)
    both = {**job.default_arguments, **job.fixed_arguments}
    demand_size(job.name, both)
    asked(JobSpec(job, both))
    return job


def of_known_command(job: Job) -> Job:
    """The job, if there is something here that runs it. Raises InvalidInput, ArgumentRefused."""
    _demand_runnable(job)
    if job.command not in COMMANDS:
        why = f"its command is {job.command!r}; commands are {_listed(COMMANDS)}."
        raise InvalidInput(what=f"job {job.name}", why=why)
    return job


def overridden(job: Job, overrides: Overrides) -> Job:
    """The job as one run of it has it. A size that the run names replaces the definition's as a whole.

    Raises InvalidInput, ArgumentRefused.
    """
    given = {name: value for name in Overrides.__dataclass_fields__ if (value := getattr(overrides, name)) is not None}
    return checked(replace(job, **resized(given))) if given else job


def resized(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a job that change: a size of the one kind takes the place of one of the other."""
    if "worker_type" in given or "number_of_workers" in given:
        return {"max_capacity": None, **given}
    if "max_capacity" in given:
        return {"worker_type": None, "number_of_workers": None, **given}
    return given


def checked_arguments(name: str, arguments: dict[str, str]) -> dict[str, str]:
    """The arguments, whatever they are called: AWS hands them to the script, with -- or without."""
    option = arguments.get(BOOKMARK_OPTION, BOOKMARK_DISABLE)
    options = (BOOKMARK_ENABLE, BOOKMARK_DISABLE, BOOKMARK_PAUSE)
    if option not in options:
        raise InvalidInput(
            what=f"{BOOKMARK_OPTION} {option!r} of job {name}", why=f"it is one of {', '.join(options)}."
        )
    commit = arguments.get(OUTPUT_COMMIT, DIRECT)
    if commit not in (DIRECT, STAGED):  # a slip of the pen must not publish what was to be staged
        raise InvalidInput(what=f"{OUTPUT_COMMIT} {commit!r} of job {name}", why=f"it is {STAGED} or {DIRECT}.")
    return arguments


def _demand_runnable(job: Job) -> None:
    """Raises ArgumentRefused for what Glue has and we do not."""
    ray = "Ray jobs are not run here"
    if job.command == "glueray":
        raise ArgumentRefused(argument="command glueray", job=job.name, why=f"{ray}; commands are {_listed(COMMANDS)}.")
    if job.worker_type == RAY:
        why = f"it is for Ray jobs, and {ray}; worker types are {_listed(WORKER_TYPES)}."
        raise ArgumentRefused(argument=f"worker type {RAY}", job=job.name, why=why)


def _faults(job: Job) -> Iterator[str]:
    if job.glue_version not in KNOWN:
        yield f"Glue version {job.glue_version!r} is not known; versions are {_listed(KNOWN)}."
    if job.timeout_minutes is not None and not 1 <= job.timeout_minutes <= LONGEST_TIMEOUT:
        yield f"its timeout must be 1 to {LONGEST_TIMEOUT:,} minutes."
    if job.max_concurrent_runs < 1:
        yield "its maximum of concurrent runs must be at least 1."
    if not 0 <= job.max_retries <= MOST_RETRIES:
        yield f"its maximum of retries must be 0 to {MOST_RETRIES}."
    if job.notify_delay_minutes is not None and job.notify_delay_minutes < 1:
        yield "its notify delay must be at least 1 minute."
    if job.execution_class not in ("STANDARD", "FLEX"):
        yield f"its execution class is {job.execution_class!r}; it is STANDARD or FLEX."
    if job.execution_class == "FLEX" and (job.command != "glueetl" or job.glue_version in BEFORE_3):
        yield "execution class FLEX is for glueetl jobs of Glue 3.0 and later."
    if len(job.description or "") > LONGEST_DESCRIPTION:
        yield f"its description has more than {LONGEST_DESCRIPTION:,} characters."
    yield from _faults_of_lists(job)


def _faults_of_lists(job: Job) -> Iterator[str]:
    if len(job.tags) > MOST_TAGS:
        yield f"it has {len(job.tags)} tags, and the most is {MOST_TAGS}."
    for name, value in job.tags.items():
        if not 1 <= len(name) <= 128 or len(value) > 256:
            yield f"tag {name[:40]!r} is too long: a name has 1 to 128 characters, a value up to 256."
    if len(set(job.connections)) != len(job.connections) or not all(name.strip() for name in job.connections):
        yield "its connections must be names, each given once."


def _faults_of_size(job: Job) -> Iterator[str]:
    workers = job.worker_type is not None or job.number_of_workers is not None
    if workers and job.max_capacity is not None:
        yield "its size is a worker type with a number of workers, or a maximum capacity, and not both."
    if job.command == "pythonshell":
        if workers:
            yield "a Python shell job has no workers; give it a maximum capacity of 0.0625 or 1."
        if job.max_capacity is not None and job.max_capacity not in SHELL_DPU:
            yield "the maximum capacity of a Python shell job is 0.0625 or 1."
        return
    if job.worker_type is not None and job.worker_type not in WORKER_TYPES:
        yield f"worker type {job.worker_type!r} is not known; worker types are {_listed(WORKER_TYPES)}."
    if job.worker_type == STREAMING and job.command != "gluestreaming":
        yield f"worker type {STREAMING} is for gluestreaming jobs; the smallest of glueetl jobs is G.1X."
    if job.number_of_workers is not None and job.number_of_workers < 1:
        yield "its number of workers must be at least 1."
    if job.max_capacity is not None and job.max_capacity not in MAX_CAPACITY:
        yield f"its maximum capacity must be {MAX_CAPACITY.start} to {MAX_CAPACITY.stop - 1} whole DPU."


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"
