"""`isinglass session`."""

from __future__ import annotations

from api.core import open_core
from api.settings import Settings
from tests.api.conftest import CommandLine
from tests.engine.sessions.sessioning import OWNER, asked, ready


def test_sessions_are_listed_shown_and_stopped(cli: CommandLine) -> None:
    assert cli.run("session", "list") == "none\n"
    engine = open_core(Settings(home=cli.home), "test").engine
    engine.create_session(asked("waiting"))
    session = ready(engine)
    for code in ("\nx = 1", "print(x)"):
        engine.run_statement("notebook", code)
    engine.take_statement(session.run.id)

    assert [line.split()[:2] for line in cli.run("session", "list").splitlines()[1:]] == [
        ["notebook", "READY"],
        ["waiting", "PROVISIONING"],
    ]
    assert [each["state"] for each in cli.json("session", "list")] == ["READY", "PROVISIONING"]
    shown = [line.split() for line in cli.run("session", "show", "notebook").splitlines()]
    assert shown[0] == ["session", "notebook", "READY", "(run", f"{session.run.id})"]
    assert shown[2:] == [["0", "RUNNING", "x", "=", "1"], ["1", "WAITING", "print(x)"]]
    assert [each["code"] for each in cli.json("session", "show", "notebook")["statements"]] == ["\nx = 1", "print(x)"]
    assert "no worker lives" in cli.run("session", "show", "waiting")

    assert cli.run("session", "stop", "notebook") == "session notebook was asked to end; it is STOPPING\n"
    assert "there is nothing to stop" in cli.refusal("session", "stop", "notebook")
    assert engine.beat(session.run.id, OWNER), "its process is told"
    assert "Session none not found" in cli.refusal("session", "show", "none")
