"""Operations on the statements of a session."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.shapes.sessions import statement_shape
from engine.sessions.model import Statement, StatementState

PAGE = 25  # a statement's output may be large


def run_statement(call: Call) -> Shape:
    return {"Id": call.engine.run_statement(call.asked["SessionId"], call.asked["Code"]).number}


def get_statement(call: Call) -> Shape:
    found = call.engine.get_statement(call.asked["SessionId"], call.asked["Id"])
    return {"Statement": statement_shape(found, _fraction(call, found))}


def list_statements(call: Call) -> Shape:
    page = call.engine.list_statements(call.asked["SessionId"], PAGE, call.asked.get("NextToken"))
    return {
        "Statements": [statement_shape(each, _fraction(call, each)) for each in page.items],
        "NextToken": page.next_token,
    }


def cancel_statement(call: Call) -> Shape:
    call.engine.cancel_statement(call.asked["SessionId"], call.asked["Id"])
    return {}


def _fraction(call: Call, statement: Statement) -> float:
    """How far the Spark jobs of a statement are that runs."""
    if statement.state is not StatementState.RUNNING:
        return 0.0
    run = call.engine.get_session(statement.session_id).run
    return call.engine.progress(run.id).fraction or 0.0


OPERATIONS: dict[str, Operation] = {
    "RunStatement": run_statement,
    "GetStatement": get_statement,
    "ListStatements": list_statements,
    "CancelStatement": cancel_statement,
}
