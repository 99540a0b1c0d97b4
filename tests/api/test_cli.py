"""The command line: its commands and options, JSON for programs, and one line for what is refused."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from api.auth.access import Access
from api.auth.grants import Wanted, grant_of
from api.auth.principals import Role
from api.cli import app
from api.home import Home
from catalog.catalog import Catalog
from catalog.db import connect, writing
from catalog.model import Column, Connection, Database, Origin, Partition, StorageDescriptor, Table
from catalog.sealing import KEY_BYTES, Sealer
from crawlers import plans
from crawlers.model import Crawler, GrokClassifier, Target
from crawlers.report import NOTHING, Files, Report
from crawlers.surveys import Survey
from engine.engine import Engine
from engine.events.webhooks import Webhook
from engine.flows.trigger_model import Action, Node, Trigger, TriggerType
from engine.flows.workflow_model import Workflow
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, Environment, FileState, Job, Outcome, RunSource
from engine.states import RunState
from tests.api.conftest import CommandLine
from tests.engine.sessions.sessioning import asked

README = Path(__file__).parents[2] / "README.md"
ROOT = typer.main.get_command(app)


def commands(command: Any = ROOT, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    inside: dict[str, Any] | None = getattr(command, "commands", None)
    if inside is None:
        yield words, command
        return
    for name, inner in inside.items():
        yield from commands(inner, (*words, name))


COMMANDS = dict(commands())


def options(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("-")}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_takes_home_and_output(cli: CommandLine, words: tuple[str, ...]) -> None:
    shown = cli.run(*words, "--help")
    assert "isinglass " + " ".join(words) in shown
    assert (COMMANDS[words].help or "").strip()
    assert "--home" in options(COMMANDS[words])
    assert "--output" in options(COMMANDS[words])
    assert not cli.home.exists(), "help touches nothing"


def test_the_readme_s_commands_and_options_exist() -> None:
    block = [line for line in README.read_text().splitlines() if line.startswith("    ")]
    called = [found for line in block for found in re.findall(r"\bisinglass ([^#)|]+)", line)]
    assert len(called) > 10
    for text in called:
        words = text.split()
        known = next((COMMANDS[tuple(words[:n])] for n in (1, 2) if tuple(words[:n]) in COMMANDS), None)
        known = known or (COMMANDS["crawl", "start"] if words[0] == "crawl" else None)  # the word may be left out
        assert known, f"README.md: isinglass {text}"
        given = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)}
        assert given <= options(known), f"README.md: isinglass {text}"


@pytest.fixture(scope="module")
def filled_home(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds one of everything, to be copied."""
    home = Home.open(tmp_path_factory.mktemp("filled"))
    shutil.copy(migrated_sqlite, home.path / "isinglass.db")
    store = connect(home.database_url)
    catalog = Catalog(store, Origin("test", "ada"))
    engine = Engine(store, sealer=lambda: Sealer([b"k" * KEY_BYTES]))
    catalog.create_database(Database("web"))
    storage = StorageDescriptor((Column("page", "string"),), location="file:///lake/visits/")
    catalog.create_table(Table("web", "visits", storage, (Column("day", "int"),)))
    catalog.create_partitions("web", "visits", [Partition((str(day),), storage) for day in (1, 2)])
    table = catalog.get_table("web", "visits")
    grown = StorageDescriptor((*storage.columns, Column("seconds", "double")), location=storage.location)
    catalog.update_table(Table("web", "visits", grown, table.partition_keys))
    engine.create_crawler(Crawler("lake", "web", (Target("/lake"),)))
    engine.create_classifier(GrokClassifier("lines", "lines", "%{GREEDYDATA:line}"))
    catalog.create_connection(Connection("till", properties={"JDBC_CONNECTION_URL": "jdbc:postgresql://host/shop"}))
    report = Report("lake", "web", "plan_1", True, False, Files(), (), NOTHING, NOTHING, {}, ())
    with writing(store) as connection:
        survey = Survey(report, (), {}, {})
        plans.create_plan(connection, "plan_1", "lake", engine.get_crawler("lake"), survey, catalog.now())
    access = Access(store, engine.sealer)
    access.create_token(Wanted("ci", grant_of(Role.VIEWER)))
    access.create_key(Wanted("aws", grant_of(Role.VIEWER)))
    engine.create_webhook(Webhook("ops", "https://hooks.example/"), "whsec_" + "a" * 40)
    engine.create_environment(Environment("store", "spark://host:7077"))
    engine.create_session(asked("notebook"))
    engine.create_job(Job("totals", "/jobs/totals.py", {BOOKMARK_OPTION: BOOKMARK_ENABLE}))
    run = engine.start_job_run("totals")
    assert engine.claim_run("test", run_id=run.id)
    engine.record_source(run.id, RunSource("visits", "web.visits", 2, 0, FileState(5, {"/visits": 5}), base_version=0))
    engine.commit_job(run.id)
    engine.finish_run(run.id, "test", Outcome(RunState.SUCCEEDED))
    begin = Trigger("begin", TriggerType.ON_DEMAND, (Action(Node("job", "totals")),), workflow="flow")
    engine.create_workflow(Workflow("flow"), (begin,))
    engine.start_workflow_run("flow")
    store.dispose()
    return home.path


@pytest.fixture
def filled(cli: CommandLine, filled_home: Path) -> CommandLine:
    shutil.copytree(filled_home, cli.home)
    return cli


PRINTED = {
    ("database", "list"): (),
    ("table", "list"): ("web",),
    ("table", "show"): ("web.visits",),
    ("table", "versions"): ("web.visits",),
    ("table", "diff"): ("web.visits",),
    ("table", "history"): ("web.visits",),
    ("partition", "list"): ("web.visits",),
    ("connection", "list"): (),
    ("connection", "show"): ("till",),
    ("classifier", "list"): (),
    ("classifier", "show"): ("lines",),
    ("crawl", "show"): ("plan_1",),
    ("crawler", "list"): (),
    ("crawler", "show"): ("lake",),
    ("crawler", "history"): ("lake",),
    ("job", "list"): (),
    ("job", "show"): ("totals",),
    ("job", "runs"): ("totals",),
    ("bookmark", "show"): ("totals",),
    ("trigger", "list"): (),
    ("trigger", "show"): ("begin",),
    ("workflow", "list"): (),
    ("workflow", "show"): ("flow",),
    ("workflow", "runs"): (),
    ("session", "list"): (),
    ("session", "show"): ("notebook",),
    ("environment", "list"): (),
    ("environment", "show"): ("store",),
    ("webhook", "list"): (),
    ("webhook", "show"): ("ops",),
    ("token", "list"): (),
    ("access-key", "list"): (),
    ("spark-conf",): (),
}


def test_the_commands_that_show_things_are_all_tried_here() -> None:
    shows = {"list", "show", "versions", "diff", "history", "runs", "spark-conf"}
    assert {words for words in COMMANDS if words[-1] in shows} == set(PRINTED)


@pytest.mark.parametrize("words", PRINTED, ids=" ".join)
def test_what_is_shown_is_a_table_for_people_and_json_for_programs(filled: CommandLine, words: tuple[str, ...]) -> None:
    text = filled.run(*words, *PRINTED[words])
    assert text.strip()
    assert text[0] not in "[{"
    found = filled.json(*words, *PRINTED[words])
    listing = words[-1] in ("list", "versions", "diff", "history", "runs")
    assert isinstance(found, list if listing else dict)
    assert found or words == ("crawler", "history")


@pytest.mark.parametrize(
    "words", [("database", "list"), ("crawler", "list"), ("job", "list"), ("job", "runs")], ids=" ".join
)
def test_an_empty_home_has_none(cli: CommandLine, words: tuple[str, ...]) -> None:
    assert cli.run(*words) == "none\n"
    assert cli.json(*words) == []


def test_text_shows_what_a_person_asks_for(filled: CommandLine) -> None:
    assert "version 1" in filled.run("table", "show", "web.visits")
    assert "version 0" in filled.run("table", "show", "web.visits", "--version", 0)
    difference = filled.run("table", "diff", "web.visits")
    assert "version 0 to 1" in difference
    assert "safe" in difference
    matched = filled.run("partition", "list", "web.visits", "--filter", "day > 1").splitlines()[1:]
    assert [line.split()[0] for line in matched] == ["2"]
    cut = filled.try_("partition", "list", "web.visits", "--limit", 1)
    assert "1 of 2 shown" in cut.err
    assert "totals" in filled.run("job", "runs")
    assert "after run jr_" in filled.run("bookmark", "show", "totals")
    assert filled.run("bookmark", "reset", "totals") == "bookmark of totals reset\n"
    assert "has no bookmark" in filled.run("bookmark", "reset", "totals")
    filled.run("job", "create", "sums", __file__)
    assert "Bookmark of job sums not found." in filled.refusal("bookmark", "show", "sums")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["table", "list", "shop"], "Database shop not found."),
        (["table", "show", "web.orders"], "Table web.orders not found."),
        (["table", "show", "web.visits", "--version", "9"], "Version 9 of table web.visits not found."),
        (["table", "diff", "web.visits", "0", "9"], "Version 9 of table web.visits not found."),
        (["table", "diff", "web.visits", "0", "0"], ""),
        (["table", "delete", "web.orders"], "Table web.orders not found."),
        (["partition", "list", "web.orders"], "Table web.orders not found."),
        (["partition", "list", "web.visits", "--filter", "day >"], "Partition filter 'day >' cannot be read: "),
        (["database", "create", "web"], "Database web already exists."),
        (["database", "delete", "shop"], "Database shop not found."),
        (["database", "delete", "web"], "Database web still holds 1 table(s); delete them first, or ask for cascade."),
        (["crawler", "run", "night"], "Crawler night not found."),
        (["crawler", "show", "night"], "Crawler night not found."),
        (["crawler", "history", "night"], "Crawler night not found."),
        (["crawler", "stop", "lake"], "Crawler lake is not running."),
        (["crawler", "create", "lake", "{home}", "--database", "web"], "Crawler lake already exists."),
        (["crawler", "create", "night", "{home}", "--database", "shop"], "Database shop not found."),
        (["crawler", "update", "night"], "Crawler night not found."),
        (["crawler", "metrics", "night"], "Crawler night not found."),
        (["crawler", "schedule", "night", "rate(1 hour)"], "Crawler night not found."),
        (["crawler", "schedule", "lake", "rate(1 eon)"], "'rate(1 eon)' is not valid: "),
        (["crawler", "schedule", "lake", "--pause"], "Crawler lake has no schedule; give it one first."),
        (["crawler", "create", "night", "{home}"], "crawler 'night' is not valid: it has no database to write to."),
        (
            ["crawler", "update", "lake", "--configuration", "nonsense"],
            "the crawler's configuration is not valid: it is no",
        ),
        (["crawler", "update", "lake", "--table", "web.visits"], "catalog targets do not mix with targets of other"),
        (["table", "preview", "web.none"], "Table web.none not found."),
        (["table", "preview", "web.visits"], "table web.visits is not supported here: jobs do"),
        (["crawl", "show", "plan_9"], "Crawl plan plan_9 not found."),
        (["crawl", "apply", "plan_9"], "Crawl plan plan_9 not found."),
        (["crawl", "delete", "plan_9"], "Crawl plan plan_9 not found."),
        (["crawl", "apply", "plan_1", "--only", "visits"], "crawl plan plan_1 does not change it."),
        (["crawl", "{home}", "--database", "shop"], "Database shop not found."),
        (["crawl", "/no/such/folder", "--database", "web"], "Place /no/such/folder does not exist or cannot be listed"),
        (["crawl", "hdfs://lake/x", "--database", "web"], "Place hdfs://lake/x does not exist or cannot be listed"),
        (["crawl", "moon://lake/", "--database", "web"], "Place moon://lake/ begins with moon:, which no driver knows"),
        (["job", "run", "sums"], "Job sums not found."),
        (["job", "show", "sums"], "Job sums not found."),
        (["job", "runs", "sums"], "Job sums not found."),
        (["job", "delete", "sums"], "Job sums not found."),
        (["job", "stop", "jr_0"], "Run jr_0 not found."),
        (["job", "logs", "jr_0"], "Run jr_0 not found."),
        (["job", "create", "sums", "/no/such.py"], "Script /no/such.py cannot be read: no such file."),
        (["job", "create", "totals", __file__], "Job totals already exists."),
        (["job", "create", "sums", __file__, "--timeout", "0"], "job sums is not valid: its timeout"),
        (["job", "create", "sums", __file__, "-a", "day=1"], "argument 'day' is not valid: "),
        (["job", "create", "sums", __file__, "--bookmark", "on"], "'job-bookmark-on' of job sums is not valid: "),
        (["bookmark", "show", "sums"], "Job sums not found."),
        (["bookmark", "reset", "sums"], "Job sums not found."),
    ],
)
def test_what_cannot_be_done_is_one_line_that_names_it(filled: CommandLine, words: list[str], sentence: str) -> None:
    given = [word.format(home=filled.home) for word in words]
    if not sentence:  # nothing differs: that is an answer
        assert filled.run(*given)
        return
    line = filled.refusal(*given)
    assert line.startswith("isinglass: ")
    assert sentence in line


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["table", "show"],
        ["table", "show", "without-a-dot"],
        ["crawl", "/tmp"],
        ["crawler", "schedule", "lake"],
        ["crawler", "events"],
        ["crawler", "create", "night", "--configuration", "@/no/such/file"],
        ["crawler", "create", "night", "--table", "without-a-dot"],
        ["job", "run", "totals", "--argument", "day"],
        ["job", "runs", "--limit", "0"],
        ["table", "list", "web", "--output", "yaml"],
        ["serve", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2(cli: CommandLine, words: list[str]) -> None:
    said = cli.try_(*words)
    assert (said.code, said.out) == (2, "")
    assert "Usage: isinglass" in said.err


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://ada:geheim@127.0.0.1:1/web", "cannot be used: "),
        ("postgresql://ada:ge@heim@127.0.0.1/web", "cannot be used: "),
        ("oracle://ada:geheim@127.0.0.1/web", "cannot be used: "),
        ("geheim", "cannot be used: "),
        ("sqlite:////no/such/folder/web.db", "cannot be used: "),
    ],
)
def test_a_database_that_does_not_answer_is_named_without_its_password(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv("ISINGLASS_DATABASE_URL", url)
    line = cli.refusal("database", "list")
    assert sentence in line
    assert "geheim" not in line
    assert "ge@heim" not in line


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "high", "setting ISINGLASS_PORT is not valid: "),
        ("PORT", "70000", "setting ISINGLASS_PORT is not valid: "),
        ("HOST", "0.0.0.0", "does not listen on 0.0.0.0"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"ISINGLASS_{name}", value)
    assert sentence in cli.refusal("serve")


def test_a_service_that_cannot_start_says_why_and_the_way_out(cli: CommandLine) -> None:
    assert "Listen on 127.0.0.1" in cli.refusal("serve", "--host", "0.0.0.0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = cli.refusal("serve", "--port", port, "--hive-port", 0)
        assert f"Port {port} of 127.0.0.1 is in use" in line
        assert "--port" in line
        line = cli.refusal("serve", "--port", 0, "--hive-port", port)
        assert f"Port {port} of 127.0.0.1 is in use" in line
        assert "--hive-port" in line
    assert not (cli.home / "service.json").exists()


@pytest.mark.parametrize("where", ["home", "home/below", "home/runs/.."])
def test_a_home_that_is_in_the_way_of_a_file_is_refused(cli: CommandLine, where: str) -> None:
    cli.home.write_text("a file")
    line = cli.refusal("database", "list", "--home", cli.home.parent / where)
    assert "cannot be used: " in line
    assert "--home" in line


def test_a_demo_does_not_write_into_a_folder_of_others(cli: CommandLine) -> None:
    cli.home.mkdir()
    (cli.home / "letters.txt").write_text("mine")
    said = cli.try_("demo", "--home", cli.home)
    assert (said.code, "is not empty" in said.err) == (1, True)
    assert [path.name for path in cli.home.iterdir()] == ["letters.txt"]


def test_the_shim_s_folder_is_told_to_people_and_programs(cli: CommandLine) -> None:
    folder = cli.run("spark-conf", "--shim").strip()
    assert (Path(folder) / "awsglue" / "context.py").is_file()
    assert cli.json("spark-conf", "--shim") == {"shim": folder}


def test_a_service_tells_programs_where_it_answers_and_ends_well_on_request(cli: CommandLine) -> None:
    isinglass = str(Path(sys.executable).with_name("isinglass"))
    command = [isinglass, "serve", "--home", str(cli.home), "--port", "0", "--hive-port", "0", "--output", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        told = ""
        while "}" not in told:
            line = service.stdout.readline()
            assert line, "it ended before it was ready"
            told += line
        answers = json.loads(told)
        assert answers["home"] == str(cli.home)
        assert httpx.get(f"{answers['endpoint']}/health").json() == {"status": "ok", "database": "ok"}
        service.terminate()
        assert service.wait(60) == 0
