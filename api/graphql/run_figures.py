"""What a job run measured and how far it is: its progress, stages and executors."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.context import Info
from api.graphql.fields import field
from api.graphql.numbers import Figure, figures
from engine import model
from engine.running.progress import RunProgress
from engine.spark import metrics


@strawberry.type(description="How far a job run is.")
class JobProgress:
    fraction: float | None = strawberry.field(
        description="From 0 to 1, of the Spark jobs under way; it does not fall before they end. Null: not known."
    )
    done: int = strawberry.field(description="Tasks that are done, of those jobs.")
    total: int = strawberry.field(description="Tasks in all, of those jobs; 0 while no job is under way.")
    figures: list[Figure] = strawberry.field(description="What the run has measured so far.")

    @classmethod
    def of(cls, at: RunProgress) -> JobProgress:
        return cls(fraction=at.fraction, done=at.done, total=at.total, figures=figures(at.figures))


@strawberry.type(description="One attempt at a stage of Spark's.")
class Stage:
    stage_id: int
    attempt: int
    name: str
    tasks: int = strawberry.field(description="How many it has.")
    begun_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    failure: str | None = strawberry.field(description="Null unless it failed.")
    figures: list[Figure] = strawberry.field(description="Such as tasks, failed_tasks, rows_read or spilled_bytes.")

    @classmethod
    def of(cls, stage: metrics.Stage) -> Stage:
        return cls(
            stage_id=stage.id,
            attempt=stage.attempt,
            name=stage.name,
            tasks=stage.tasks,
            begun_at=stage.begun_at,
            ended_at=stage.ended_at,
            seconds=stage.seconds,
            failure=stage.failure,
            figures=figures(stage.figures),
        )


@strawberry.type(description="An executor of Spark's; on one machine the driver is the only one.")
class Executor:
    executor_id: str
    host: str
    cores: int
    added_at: datetime
    removed_at: datetime | None = strawberry.field(description="Null if it stayed to the end.")
    removal: str | None = strawberry.field(description="Why it was removed.")
    figures: list[Figure]

    @classmethod
    def of(cls, executor: metrics.Executor) -> Executor:
        return cls(
            executor_id=executor.id,
            host=executor.host,
            cores=executor.cores,
            added_at=executor.added_at,
            removed_at=executor.removed_at,
            removal=executor.removal,
            figures=figures(executor.figures),
        )


@strawberry.type
class MeasuredRun:
    """The figures of a job run, as its fields."""

    value: strawberry.Private[model.Run]

    @field("Null once it has ended.")
    def progress(self, info: Info) -> JobProgress | None:
        return None if self.value.finished else JobProgress.of(info.context.engine.progress(self.value.id))

    @field(
        "Where Spark's own UI is while the run has one: with --enable-spark-ui. It answers on the service's machine."
    )
    def spark_ui_url(self, info: Info) -> str | None:
        return None if self.value.finished else info.context.engine.progress(self.value.id).ui

    @field("The stages of its Spark, of very many the newest 1,000; also while it runs.")
    def stages(self, info: Info) -> list[Stage]:
        return [Stage.of(each) for each in info.context.engine.measured_so_far(self.value.id).stages]

    @field("The executors that its Spark had.")
    def executors(self, info: Info) -> list[Executor]:
        return [Executor.of(each) for each in info.context.engine.measured_so_far(self.value.id).executors]
