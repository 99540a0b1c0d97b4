"""The logs of runs: which a run has, a part of one, and what is new in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.fields import field, subscription
from api.graphql.numbers import Long
from api.graphql.outcomes import if_found
from engine import model
from engine.running import logs

POLL_SECONDS = 0.1
OUTPUT = "output"
Name = Annotated[str, strawberry.argument(description="`output`, `error`, or another that `logs` tells.")]
Begin = Annotated[Long, strawberry.argument(description="The byte to begin at: 0, or the `end` of a part.")]


@strawberry.type(description="A log of a run.")
class RunLog:
    name: str = strawberry.field(description="`output`, `error`, or that of an executor of Spark's.")
    size: Long = strawberry.field(description="In bytes, with those that were left out of a log grown too long.")


@strawberry.type(description="A piece of a log.")
class LogPart:
    text: str
    end: Long = strawberry.field(description="The byte at which the next part begins.")

    @classmethod
    def of(cls, part: logs.LogPart) -> LogPart:
        return cls(text=part.text, end=Long(part.end))


@strawberry.type
class LoggedRun:
    """The logs of a run, as its fields."""

    value: strawberry.Private[model.Run]

    @field("None before its process began.")
    def logs(self, info: Info) -> list[RunLog]:
        return [RunLog(name=each.name, size=Long(each.size)) for each in info.context.engine.list_logs(self.value.id)]

    @field("A part of a log, of up to 256 KB. Its text is empty where the log ends now; null if there is no such log.")
    def log(self, info: Info, name: Name = OUTPUT, begin: Begin = Long(0)) -> LogPart | None:  # noqa: B008
        return if_found(lambda: LogPart.of(info.context.engine.read_log(self.value.id, name, begin)))


@strawberry.type
class RunLogSubscriptions:
    @subscription("The lines of a log as they are printed, from `begin` on, until the run has ended.")
    async def run_log(
        self,
        info: Info,
        run_id: str,
        name: Name = OUTPUT,
        begin: Begin = Long(0),  # noqa: B008
    ) -> AsyncIterator[LogPart]:
        followed = await asyncio.to_thread(info.context.engine.follow_log, run_id, name, begin)
        while (part := await asyncio.to_thread(followed.news)) is not None:
            if part.text:
                yield LogPart.of(part)
            else:
                await asyncio.sleep(POLL_SECONDS)
