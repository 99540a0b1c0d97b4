"""Job runs: followed, started and stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec
import strawberry

from api.graphql.batches import Batch
from api.graphql.bookmarks import ReasonCount
from api.graphql.connections import FIRST, After, Connection, First
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from api.graphql.run_figures import MeasuredRun
from api.graphql.run_logs import LoggedRun
from api.graphql.runs import Run, find_run, get_run, list_runs
from engine import model
from engine.engine import Engine
from engine.model import JOB


@strawberry.type(description="What a job run read through one transformation_ctx.")
class RunSource:
    context: str = strawberry.field(description="The transformation_ctx.")
    source: str = strawberry.field(description="The table or path.")
    selected_files: int = strawberry.field(description="Files that were read.")
    skipped_files: int = strawberry.field(description="Files that were not: most often, that were read before.")
    reasons: list[ReasonCount] = strawberry.field(description="How many files there were, by reason.")
    note: str | None = strawberry.field(description="What the script's author should know.")


@strawberry.type(description="One execution of a job.")
class JobRun(LoggedRun, MeasuredRun, Run):
    @field()
    def job_name(self) -> str:
        return self.value.subject or ""

    @field("The job's default arguments with the run's own on top.")
    def arguments(self) -> list[Parameter]:
        return pairs(msgspec.json.decode(self.value.spec, type=model.JobSpec).arguments)

    @field("The attempts that it is one of, the first one first: itself alone, unless it failed and was repeated.")
    def attempts(self, info: Info) -> list[JobRun]:
        return self.together.of(self.value.id, _attempts, info.context.engine) or []

    @field("What it read, by transformation_ctx.")
    def sources(self, info: Info) -> list[RunSource]:
        found = self.together.of(self.value.id, Engine.batch_list_sources, info.context.engine) or []
        return [
            RunSource(
                context=each.context,
                source=each.source,
                selected_files=each.selected_files,
                skipped_files=each.skipped_files,
                reasons=ReasonCount.all(each.reasons),
                note=each.note,
            )
            for each in found
        ]

    @classmethod
    def all(cls, runs: Sequence[model.Run]) -> list[JobRun]:
        together = Batch([each.id for each in runs])
        return [cls(value=each, together=together) for each in runs]

    @classmethod
    def of(cls, run: model.Run | None) -> JobRun | None:
        return cls.all([run])[0] if run else None

    @classmethod
    def find(cls, context: Context, run_id: str) -> JobRun | None:
        return cls.of(find_run(context, JOB, run_id))


def _attempts(engine: Engine, run_ids: Sequence[str]) -> Mapping[str, list[JobRun]]:
    """As nodes that are answered together in turn."""
    found = engine.batch_list_attempts(run_ids)
    made = iter(JobRun.all([run for attempts in found.values() for run in attempts]))
    return {run_id: list(islice(made, len(attempts))) for run_id, attempts in found.items()}


@strawberry.type
class JobRunQueries:
    @field("Newest first; of one job, or of all.")
    def job_runs(
        self, info: Info, job: str | None = None, first: First = FIRST, after: After = None
    ) -> Connection[JobRun] | None:
        return list_runs(info, JOB, job, JobRun.all, first, after)


@strawberry.input
class StartJobRunInput:
    job_name: str
    arguments: list[ParameterInput] = strawberry.field(
        default_factory=list, description="They win over the job's default arguments."
    )
    timeout_minutes: int | None = strawberry.field(default=None, description="Null, here and below: as the job has it.")
    worker_type: str | None = strawberry.field(default=None, description="A size takes the place of all of the job's.")
    number_of_workers: int | None = None
    max_capacity: float | None = None
    execution_class: str | None = None
    notify_delay_minutes: int | None = None
    queueing: bool | None = None
    client_mutation_id: str | None = None

    def overrides(self) -> model.Overrides:
        return model.Overrides(
            timeout_minutes=self.timeout_minutes,
            worker_type=self.worker_type,
            number_of_workers=self.number_of_workers,
            max_capacity=self.max_capacity,
            execution_class=self.execution_class,  # type: ignore[arg-type]  # the core refuses what it does not know
            notify_delay_minutes=self.notify_delay_minutes,
            queueing=self.queueing,
        )


@strawberry.type
class StartJobRunPayload(Payload):
    run: JobRun | None = strawberry.field(description="It waits for a worker; follow it with `run(runId)`.")


@strawberry.input
class StopJobRunInput:
    run_id: str
    client_mutation_id: str | None = None


@strawberry.type
class StopJobRunPayload(Payload):
    run: JobRun | None = strawberry.field(description="A run that had begun is stopped once its worker answers.")


@strawberry.type
class JobRunMutations:
    @mutation("Put a run of a job in.")
    def start_job_run(self, info: Info, input: StartJobRunInput) -> StartJobRunPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.start_job_run(input.job_name, mapping(input.arguments), input.overrides()),
            {"Job": "jobName"},
        )
        return StartJobRunPayload(
            run=JobRun.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Ask a job run to stop.")
    def stop_job_run(self, info: Info, input: StopJobRunInput) -> StopJobRunPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.stop_run(get_run(info.context, JOB, input.run_id).id), {"Run": "runId", "Job run": "runId"}
        )
        return StopJobRunPayload(
            run=JobRun.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
