"""The routes of a session's own process: the statement that comes next, whether to interrupt it, what it came to."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from catalog.errors import NotFound
from engine.engine import Engine
from engine.model import SESSION, Run
from engine.sessions.model import Failure, Output


class FailureBody(BaseModel):
    name: str
    value: str
    traceback: list[str]


class OutputBody(BaseModel):
    text: str
    failure: FailureBody | None = None
    interrupted: bool = False


def add_session_routes(routes: APIRouter, caller: Callable[..., Run], engine: Engine) -> None:
    """Add them to the routes of runs; `caller` tells whose token came."""

    def session(run: Annotated[Run, Depends(caller)]) -> Run:
        if run.kind != SESSION:
            raise NotFound(kind="Session of run", name=run.id)
        return run

    calling = Annotated[Run, Depends(session)]

    @routes.post("/statements/next")
    def next_statement(run: calling) -> dict[str, Any]:
        found = engine.take_statement(run.id)
        return {} if found is None else {"number": found.number, "code": found.code}

    @routes.get("/statements/cancelling")
    def cancelling(run: calling) -> dict[str, Any]:
        return {"number": engine.find_cancelling(run.id)}

    @routes.put("/statements/{number}")
    def ended(run: calling, number: int, body: OutputBody) -> dict[str, Any]:
        failed = body.failure
        failure = None if failed is None else Failure(failed.name, failed.value, tuple(failed.traceback))
        engine.end_statement(run.id, number, Output(body.text, failure), body.interrupted)
        return {}
