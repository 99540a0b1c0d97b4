"""`isinglass session`: the interactive sessions of Glue's clients, looked at and stopped."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.job_runs import seconds_of
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from catalog.paging import all_pages
from engine.sessions.model import Session

LAST = 20
sessions = typer.Typer(help="Interactive sessions, which clients of Glue create.", no_args_is_help=True)
SessionId = Annotated[str, typer.Argument(metavar="SESSION", help="The session's id.")]


@sessions.command("list")
def list_sessions(
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """List sessions, newest first."""
    found = core_of(home).engine.list_sessions(limit).items
    cells = [(s.id, s.state, s.created_at, seconds_of(s.run), s.run.id, s.run.detail or "") for s in found]
    Output(output).rows([_told(each) for each in found], ["session", "state", "created", "seconds", "run", ""], cells)


@sessions.command("show")
def show_session(session_id: SessionId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a session and its last statements; its logs are its run's: isinglass job logs RUN."""
    core, out = core_of(home), Output(output)
    session = core.engine.get_session(session_id)
    found = list(all_pages(lambda limit, token: core.engine.list_statements(session_id, limit, token)))
    if not out.text:
        out.json({**_told(session), "statements": found})
        return
    out.say(f"session {session.id} {session.state} (run {session.run.id})")
    waiting = core.engine.batch_why_waiting([session.run.id]).get(session.run.id)
    for line in filter(None, (waiting, session.run.detail)):
        out.say(f"  {line}")
    out.grid(["", "state", "code"], [(s.number, s.state, _first_line(s.code)) for s in found[-LAST:]], indent=2)


@sessions.command("stop")
def stop_session(session_id: SessionId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Ask a session to end."""
    session = core_of(home).engine.stop_session(session_id)
    Output(output).result(_told(session), f"session {session.id} was asked to end; it is {session.state}")


def _told(session: Session) -> dict[str, Any]:
    return {"id": session.id, "state": session.state, "idle_minutes": session.idle_minutes, "run": session.run}


def _first_line(code: str) -> str:
    return next((line.strip()[:80] for line in code.splitlines() if line.strip()), "")
