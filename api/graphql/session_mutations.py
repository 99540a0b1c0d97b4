"""Interactive sessions made and ended, and statements put in and cancelled."""

from __future__ import annotations

import strawberry

from api.graphql.context import Info
from api.graphql.fields import mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.parameters import ParameterInput, mapping
from api.graphql.sessions import Session, Statement
from engine.model import Job
from engine.sessions import model

_FIELDS = {"Session": "sessionId", "Statement": "number", "Connection": "session.connections"}


@strawberry.input(description="What a session is to be: what is left out has its default.")
class SessionInput:
    description: str | None = None
    command: str = strawberry.field(default=Job.command, description="glueetl or gluestreaming.")
    glue_version: str = Job.glue_version
    arguments: list[ParameterInput] = strawberry.field(default_factory=list, description="As those of a job.")
    connections: list[str] = strawberry.field(default_factory=list, description="The connections that it may open.")
    tags: list[ParameterInput] = strawberry.field(default_factory=list)
    worker_type: str | None = None
    number_of_workers: int | None = None
    max_capacity: float | None = strawberry.field(default=None, description="In DPU, in place of workers.")
    timeout_minutes: int | None = strawberry.field(default=None, description="Null: two days.")
    idle_minutes: int | None = strawberry.field(default=None, description="Null: as the timeout.")

    def value(self, session_id: str) -> Job:
        return Job(
            name=session_id,
            script="session.py",
            script_text="",
            default_arguments=mapping(self.arguments),
            description=self.description,
            command=self.command,
            glue_version=self.glue_version,
            timeout_minutes=self.timeout_minutes,
            worker_type=self.worker_type,
            number_of_workers=self.number_of_workers,
            max_capacity=self.max_capacity,
            connections=tuple(self.connections),
            tags=mapping(self.tags),
        )


@strawberry.input
class CreateSessionInput:
    session_id: str
    session: SessionInput
    client_mutation_id: str | None = None


@strawberry.type
class CreateSessionPayload(Payload):
    session: Session | None = strawberry.field(description="It is PROVISIONING until its Spark is there.")


@strawberry.input
class StopSessionInput:
    session_id: str
    client_mutation_id: str | None = None


@strawberry.type
class StopSessionPayload(Payload):
    session: Session | None = strawberry.field(description="It takes no statements any more, and ends soon.")


@strawberry.input
class DeleteSessionInput:
    session_id: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class DeleteSessionPayload(Payload):
    session: Session | None = strawberry.field(description="The session as it was.")


@strawberry.input
class RunStatementInput:
    session_id: str
    code: str = strawberry.field(description="Python; what earlier statements made is there.")
    client_mutation_id: str | None = None


@strawberry.type
class RunStatementPayload(Payload):
    statement: Statement | None = strawberry.field(description="It waits for those before it.")


@strawberry.input
class CancelStatementInput:
    session_id: str
    number: int
    client_mutation_id: str | None = None


@strawberry.type
class CancelStatementPayload(Payload):
    statement: Statement | None = strawberry.field(description="One that runs is CANCELLING until its code has ended.")


@strawberry.type
class SessionMutations:
    @mutation("Make a session, with a Spark of its own.")
    def create_session(self, info: Info, input: CreateSessionInput) -> CreateSessionPayload | None:
        engine, given = info.context.engine, input.session
        tried = attempt(lambda: engine.create_session(given.value(input.session_id), given.idle_minutes), _FIELDS)
        return CreateSessionPayload(
            session=Session.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Have a session end.")
    def stop_session(self, info: Info, input: StopSessionInput) -> StopSessionPayload | None:
        tried = attempt(lambda: info.context.engine.stop_session(input.session_id), _FIELDS)
        return StopSessionPayload(
            session=Session.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Take a session away with its statements; one that goes on is ended.")
    def delete_session(self, info: Info, input: DeleteSessionInput) -> DeleteSessionPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> model.Session:
            found = engine.get_session(input.session_id)
            engine.delete_session(input.session_id)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteSessionPayload(
            session=Session.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Put code in that a session is to carry out.")
    def run_statement(self, info: Info, input: RunStatementInput) -> RunStatementPayload | None:
        tried = attempt(lambda: info.context.engine.run_statement(input.session_id, input.code), _FIELDS)
        return RunStatementPayload(
            statement=Statement(value=tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Have a statement end. One that has ended stays as it is.")
    def cancel_statement(self, info: Info, input: CancelStatementInput) -> CancelStatementPayload | None:
        tried = attempt(lambda: info.context.engine.cancel_statement(input.session_id, input.number), _FIELDS)
        return CancelStatementPayload(
            statement=Statement(value=tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
