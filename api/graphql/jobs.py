"""Jobs: asked for, created, updated and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import strawberry

from api.auth.principals import of_job
from api.graphql.batches import Batch
from api.graphql.bookmarks import Bookmark
from api.graphql.connections import FIRST, After, Connection, First, connect, list_seen, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.job_runs import JobRun
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from api.graphql.runs import list_runs_of
from engine import model
from engine.engine import Engine
from engine.jobs import jobs
from engine.jobs.job_rules import of_known_command
from engine.model import JOB

_FIELDS = {"Job": "name"}


@strawberry.type(description="The definition of an ETL job; one execution of it is a run.")
class Job(Node):
    together: strawberry.Private[Batch[str]]
    name: str
    script: str = strawberry.field(description="The path of a Python file, or where one lies in S3.")
    script_text: str | None = strawberry.field(description="The script itself, if the job holds it; `script` names it.")
    default_arguments: list[Parameter] = strawberry.field(description="Named as the script sees them, with `--`.")
    fixed_arguments: list[Parameter] = strawberry.field(description="Arguments that a run's own do not override.")
    description: str | None
    command: str = strawberry.field(description="glueetl, gluestreaming or pythonshell.")
    glue_version: str
    timeout_minutes: int | None = strawberry.field(description="Of a streaming job null, if it is never ended.")
    max_concurrent_runs: int = strawberry.field(description="How many of its runs go on at one time.")
    queueing: bool = strawberry.field(description="Whether a run past that waits; if not, it is refused.")
    max_retries: int = strawberry.field(description="How often a run that fails is repeated.")
    notify_delay_minutes: int | None = strawberry.field(description="A run that lasts longer is told of by an event.")
    worker_type: str | None = strawberry.field(description="Such as G.1X; null if it names no size, or a capacity.")
    number_of_workers: int | None
    max_capacity: float | None = strawberry.field(description="In DPU, in place of workers.")
    execution_class: str = strawberry.field(description="STANDARD or FLEX.")
    connections: list[str] = strawberry.field(description="The connections that its runs may open.")
    tags: list[Parameter]
    environment: str | None = strawberry.field(description="The execution environment; null is this machine.")
    version: int = strawberry.field(description="Counts updates from 0; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @field("Newest first.")
    def runs(self, info: Info, first: First = FIRST, after: After = None) -> Connection[JobRun] | None:
        return list_runs_of(self.together, self.name, info, JOB, JobRun.all, first, after)

    @field("Null if it never ran.")
    def latest_run(self, info: Info) -> JobRun | None:
        return self.together.of(self.name, _latest_runs, info.context.engine)

    @field("What the job has read already; null if no run of it kept that.")
    def bookmark(self, info: Info) -> Bookmark | None:
        return self.together.of(self.name, _bookmarks, info.context.engine)

    @classmethod
    def all(cls, jobs: Sequence[model.Job]) -> list[Job]:
        together = Batch([each.name for each in jobs])
        return [
            cls(
                together=together,
                name=each.name,
                script=each.script,
                script_text=each.script_text,
                default_arguments=pairs(each.default_arguments),
                fixed_arguments=pairs(each.fixed_arguments),
                description=each.description,
                command=each.command,
                glue_version=each.glue_version,
                timeout_minutes=model.timeout_of(each),
                max_concurrent_runs=each.max_concurrent_runs,
                queueing=each.queueing,
                max_retries=each.max_retries,
                notify_delay_minutes=each.notify_delay_minutes,
                worker_type=each.worker_type,
                number_of_workers=each.number_of_workers,
                max_capacity=each.max_capacity,
                execution_class=each.execution_class,
                connections=list(each.connections),
                tags=pairs(each.tags),
                environment=each.environment,
                version=each.version,
                created_at=each.created_at,
                updated_at=each.updated_at,
            )
            for each in jobs
        ]

    @classmethod
    def of(cls, job: model.Job | None) -> Job | None:
        return cls.all([job])[0] if job else None

    @classmethod
    def find(cls, context: Context, name: str) -> Job | None:
        return cls.of(if_found(lambda: context.engine.get_job(name)))


def _latest_runs(engine: Engine, jobs: Sequence[str]) -> Mapping[str, JobRun]:
    """As nodes that are answered together in turn."""
    found = engine.batch_find_latest_runs(JOB, jobs)
    return dict(zip(found, JobRun.all(list(found.values())), strict=True))


def _bookmarks(engine: Engine, jobs: Sequence[str]) -> Mapping[str, Bookmark]:
    found = engine.batch_find_bookmarks(jobs)
    return dict(zip(found, Bookmark.all(list(found.values())), strict=True))


@strawberry.type
class JobQueries:
    @field("By name.")
    def jobs(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Job] | None:
        page = list_seen(
            info, info.context.engine.list_jobs, size(info, first), after, lambda job: of_job(job.name, job.tags)
        )
        return connect(info, jobs.LISTING, page, lambda job: job.name, Job.all, after)

    @field("Null if there is no such job.")
    def job(self, info: Info, name: str) -> Job | None:
        return Job.find(info.context, name)


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class JobInput:
    script: str = strawberry.field(
        description="The place of a Python file that the service can read, or a name for it."
    )
    script_text: str | None = strawberry.field(default=None, description="The script itself, instead of a file.")
    default_arguments: list[ParameterInput] = strawberry.field(
        default_factory=list, description="Named as the script sees them, with `--`."
    )
    fixed_arguments: list[ParameterInput] = strawberry.field(
        default_factory=list, description="Glue's NonOverridableArguments: a run's own do not override them."
    )
    description: str | None = None
    command: str = strawberry.field(
        default=model.Job.command, description="glueetl, gluestreaming (both with Spark) or pythonshell."
    )
    glue_version: str = model.Job.glue_version
    timeout_minutes: int | None = strawberry.field(
        default=None, description="Null: 480, up to Glue 4.0 2880, and none of a streaming job."
    )
    max_concurrent_runs: int = model.Job.max_concurrent_runs
    queueing: bool = strawberry.field(
        default=model.Job.queueing, description="Whether a run past the maximum waits; if not, it is refused."
    )
    max_retries: int = strawberry.field(default=model.Job.max_retries, description="0 to 10 repeats of a failed run.")
    notify_delay_minutes: int | None = None
    worker_type: str | None = strawberry.field(
        default=None, description="Such as G.1X or R.2X; goes with a number of workers."
    )
    number_of_workers: int | None = strawberry.field(default=None, description="One of them is the driver's.")
    max_capacity: float | None = strawberry.field(
        default=None, description="In DPU, in place of workers; 0.0625 or 1 of a Python shell job."
    )
    execution_class: str = strawberry.field(default=model.Job.execution_class, description="STANDARD or FLEX.")
    connections: list[str] = strawberry.field(
        default_factory=list, description="The connections that its runs may open; they must exist when one starts."
    )
    tags: list[ParameterInput] = strawberry.field(default_factory=list, description="At most 50.")
    environment: str | None = strawberry.field(
        default=None, description="The execution environment; null is this machine."
    )

    def value(self, name: str) -> model.Job:
        job = model.Job(
            name=name,
            script=self.script,
            script_text=self.script_text,
            default_arguments=mapping(self.default_arguments),
            fixed_arguments=mapping(self.fixed_arguments),
            description=self.description,
            command=self.command,
            glue_version=self.glue_version,
            timeout_minutes=self.timeout_minutes,
            max_concurrent_runs=self.max_concurrent_runs,
            queueing=self.queueing,
            max_retries=self.max_retries,
            notify_delay_minutes=self.notify_delay_minutes,
            worker_type=self.worker_type,
            number_of_workers=self.number_of_workers,
            max_capacity=self.max_capacity,
            execution_class=self.execution_class,  # type: ignore[arg-type]  # the core refuses what it does not know
            connections=tuple(self.connections),
            tags=mapping(self.tags),
            environment=self.environment,
        )
        return of_known_command(job)


@strawberry.input
class CreateJobInput:
    name: str
    job: JobInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateJobInput:
    name: str
    job: JobInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the job is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteJobInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateJobPayload(Payload):
    job: Job | None


@strawberry.type
class UpdateJobPayload(Payload):
    job: Job | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class DeleteJobPayload(Payload):
    job: Job | None = strawberry.field(description="The job as it was. Its runs stay on record.")
    bookmark: Bookmark | None = strawberry.field(description="The bookmark that goes with it.")


def _with_what_graphql_has_not(job: model.Job, old: model.Job) -> model.Job:
    """What clients of Glue alone say of a job stays."""
    return replace(job, kept=old.kept, security_configuration=old.security_configuration)


@strawberry.type
class JobMutations:
    @mutation()
    def create_job(self, info: Info, input: CreateJobInput) -> CreateJobPayload | None:
        tried = attempt(lambda: info.context.engine.create_job(input.job.value(input.name)), _FIELDS)
        return CreateJobPayload(
            job=Job.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Replace a job's definition; runs under way keep the one they began with.")
    def update_job(self, info: Info, input: UpdateJobInput) -> UpdateJobPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.update_job(
                _with_what_graphql_has_not(input.job.value(input.name), engine.get_job(input.name)),
                input.expected_version,
            ),
            _FIELDS,
            current=lambda: engine.get_job(input.name),
        )
        return UpdateJobPayload(
            job=Job.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Delete a job and its bookmark; refused while it runs.")
    def delete_job(self, info: Info, input: DeleteJobInput) -> DeleteJobPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> tuple[model.Job, model.Bookmark | None]:
            job, bookmark = engine.get_job(input.name), engine.find_bookmark(input.name)
            engine.delete_job(input.name)
            return job, bookmark

        tried = attempt(delete, _FIELDS)
        job, bookmark = tried.result or (None, None)
        return DeleteJobPayload(
            job=Job.of(job),
            bookmark=Bookmark.of(bookmark),
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
