"""Interactive sessions and their statements, asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, connect_each, size
from api.graphql.context import Context, Info
from api.graphql.fields import field
from api.graphql.nodes import Node
from api.graphql.outcomes import if_found
from api.graphql.parameters import Parameter, pairs
from engine.engine import Engine
from engine.sessions import model, sessions, statements
from engine.sessions.model import SessionState, StatementState

strawberry.enum(SessionState, name="SessionState", description="A session takes statements while it is READY.")
strawberry.enum(
    StatementState,
    name="StatementState",
    description="AVAILABLE has ended by itself, an error of its code too; ERROR was lost with its session.",
)


@strawberry.type(description="An exception that a statement's code ended with.")
class StatementFailure:
    name: str
    value: str
    traceback: list[str] = strawberry.field(description="From the statement's own first line on.")

    @classmethod
    def of(cls, failure: model.Failure | None) -> StatementFailure | None:
        if failure is None:
            return None
        return cls(name=failure.name, value=failure.value, traceback=list(failure.traceback))


@strawberry.type(description="What a statement came to.")
class StatementOutput:
    text: str = strawberry.field(description="What it printed, and the value of its last expression.")
    failure: StatementFailure | None


@strawberry.type(description="A piece of code that a session carries out.")
class Statement(Node):
    value: strawberry.Private[model.Statement]

    def key(self) -> tuple[str, ...]:
        return (self.value.session_id, str(self.value.number))

    @field()
    def session_id(self) -> str:
        return self.value.session_id

    @field("Counts the session's statements from 0, in the order in which they are carried out.")
    def number(self) -> int:
        return self.value.number

    @field()
    def code(self) -> str:
        return self.value.code

    @field()
    def state(self) -> StatementState:
        return self.value.state

    @field("Null until it has ended.")
    def output(self) -> StatementOutput | None:
        found = self.value.output
        if found is None:
            return None
        return StatementOutput(text=found.text, failure=StatementFailure.of(found.failure))

    @field("Null while it waits.")
    def started_at(self) -> datetime | None:
        return self.value.started_at

    @field("Null until it has ended.")
    def completed_at(self) -> datetime | None:
        return self.value.completed_at

    @classmethod
    def all(cls, found: Sequence[model.Statement]) -> list[Statement]:
        return [cls(value=each) for each in found]

    @classmethod
    def find(cls, context: Context, session_id: str, number: str) -> Statement | None:
        if not number.isdecimal() or len(number) > 9:
            return None
        found = if_found(lambda: context.engine.get_statement(session_id, int(number)))
        return cls(value=found) if found else None


@strawberry.type(description="A Spark that takes statements one after the other, and keeps what they made.")
class Session(Node):
    value: strawberry.Private[model.Session]
    together: strawberry.Private[Batch[str]]
    runs: strawberry.Private[Batch[str]]

    def key(self) -> tuple[str, ...]:
        return (self.value.id,)

    @field("The name that its client gave it.")
    def session_id(self) -> str:
        return self.value.id

    @field()
    def state(self) -> SessionState:
        return self.value.state

    @field("Why it is in its state: of a failure, the reason.")
    def detail(self) -> str | None:
        return self.value.run.detail

    @field("What it waits for before it begins, in one sentence; null if it does not wait.")
    def waiting_for(self, info: Info) -> str | None:
        return self.runs.of(self.value.run.id, Engine.batch_why_waiting, info.context.engine)

    @field("The name of its run, under which its logs are kept.")
    def run_id(self) -> str:
        return self.value.run.id

    @field()
    def description(self) -> str | None:
        return self.value.job.description

    @field("glueetl or gluestreaming.")
    def command(self) -> str:
        return self.value.job.command

    @field()
    def glue_version(self) -> str:
        return self.value.job.glue_version

    @field("As those of a job.")
    def arguments(self) -> list[Parameter]:
        return pairs(self.value.job.default_arguments)

    @field("The connections that it may open.")
    def connections(self) -> list[str]:
        return list(self.value.job.connections)

    @field()
    def tags(self, info: Info) -> list[Parameter]:
        return pairs(self.together.of(self.value.id, _tags, info.context.engine) or {})

    @field("Null if it names no size.")
    def worker_type(self) -> str | None:
        return self.value.job.worker_type

    @field()
    def number_of_workers(self) -> int | None:
        return self.value.job.number_of_workers

    @field("In DPU.")
    def max_capacity(self) -> float | None:
        return self.value.job.max_capacity

    @field("After so many minutes it is ended, whatever it does.")
    def timeout_minutes(self) -> int | None:
        return self.value.job.timeout_minutes

    @field("After so many minutes without a statement it is ended.")
    def idle_minutes(self) -> int:
        return self.value.idle_minutes

    @field()
    def created_at(self) -> datetime:
        return self.value.created_at

    @field("Null until it has ended.")
    def finished_at(self) -> datetime | None:
        return self.value.run.finished_at

    @field("In their order.")
    def statements(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Statement] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.value.id,
            ("statements", limit, after),
            info,
            lambda keys: info.context.engine.batch_list_statements(keys, limit, after),
            cursor=lambda each: statements.LISTING.token_after(each.number),
            nodes=Statement.all,
            after=after,
        )

    @classmethod
    def all(cls, found: Sequence[model.Session]) -> list[Session]:
        together, runs = Batch([each.id for each in found]), Batch([each.run.id for each in found])
        return [cls(value=each, together=together, runs=runs) for each in found]

    @classmethod
    def of(cls, session: model.Session | None) -> Session | None:
        return cls.all([session])[0] if session else None

    @classmethod
    def find(cls, context: Context, session_id: str) -> Session | None:
        return cls.of(if_found(lambda: context.engine.get_session(session_id)))


def _tags(engine: Engine, session_ids: Sequence[str]) -> Mapping[str, dict[str, str]]:
    return engine.batch_get_tags("session", session_ids)


@strawberry.type
class SessionQueries:
    @field("Newest first.")
    def sessions(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Session] | None:
        page = info.context.engine.list_sessions(size(info, first), after)
        return connect(info, sessions.LISTING, page, sessions.place, Session.all, after)

    @field("Null if there is no such session.")
    def session(self, info: Info, session_id: str) -> Session | None:
        return Session.find(info.context, session_id)

    @field("Null if there is no such statement.")
    def statement(self, info: Info, session_id: str, number: int) -> Statement | None:
        return Statement.find(info.context, session_id, str(number))
