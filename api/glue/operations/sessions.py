"""Operations on interactive sessions: each is a Spark of its own."""

from __future__ import annotations

from contextlib import suppress

from api.glue.calls import Call, Operation, Shape
from api.glue.shapes.sessions import session_job, session_shape
from catalog.errors import NotFound


def create_session(call: Call) -> Shape:
    """It is PROVISIONING until its Spark is there."""
    made = call.engine.create_session(session_job(call.asked), call.asked.get("IdleTimeout"))
    return {"Session": session_shape(made)}


def get_session(call: Call) -> Shape:
    return {"Session": session_shape(call.engine.get_session(call.asked["Id"]))}


def list_sessions(call: Call) -> Shape:
    """Newest first; a page from which tags leave out some may be short."""
    page = call.engine.list_sessions(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    found = {session.id: session for session in page.items}
    ids = call.engine.tagged("session", list(found), call.asked.get("Tags"))
    return {
        "Ids": ids,
        "Sessions": [session_shape(found[session_id]) for session_id in ids],
        "NextToken": page.next_token,
    }


def stop_session(call: Call) -> Shape:
    return {"Id": call.engine.stop_session(call.asked["Id"]).id}


def delete_session(call: Call) -> Shape:
    """One that is not there is no failure: AWS's model has none for it, and dbt deletes before it creates."""
    with suppress(NotFound):
        call.engine.delete_session(call.asked["Id"])
    return {"Id": call.asked["Id"]}


OPERATIONS: dict[str, Operation] = {
    "CreateSession": create_session,
    "GetSession": get_session,
    "ListSessions": list_sessions,
    "StopSession": stop_session,
    "DeleteSession": delete_session,
}
