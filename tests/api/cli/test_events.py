"""`isinglass events`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from api.core import open_core
from api.settings import Settings
from crawlers.model import Crawler, Target
from tests.api.conftest import CommandLine


def test_what_a_crawl_did_is_told_in_order_by_kind_and_behind_a_cursor(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "lake" / "sales").mkdir(parents=True)
    (tmp_path / "lake" / "sales" / "a.csv").write_text("id,price\n1,2.5\n2,3.5\n")
    cli.run("database", "create", "shop")
    cli.run("crawl", tmp_path / "lake", "--database", "shop")
    found = cli.json("events")
    words = [str(each["detail"].get("state", each["detail"].get("typeOfChange"))) for each in found]
    assert words == ["Waiting", "Starting", "Started", "CreateTable", "Succeeded"]
    assert found[-1]["detail"]["tablesCreated"] == "1"
    (made,) = cli.json("events", "--kind", "database_change")
    assert made["detail"] == {"databaseName": "shop", "typeOfChange": "CreateTable", "changedTables": ["sales"]}
    assert cli.json("events", "--after", found[2]["cursor"]) == found[3:]
    assert cli.json("events", "--since", "2020-01-01", "--subject", "other") == []
    lines = cli.run("events", "--limit", "2").splitlines()
    assert [line.split()[2] for line in lines[1:]] == ["database-change", "crawl-state"]
    assert "shop.sales" in lines[1]
    assert "token" in cli.refusal("events", "--after", "nonsense")


def test_events_are_followed_one_a_line(cli: CommandLine) -> None:
    engine = open_core(Settings(home=cli.home), "test").engine
    crawler = Crawler("crawl", "shop", (Target("/lake"),))
    first = engine.start_crawl(crawler)
    command = [sys.executable, "-c", "from api.cli import main; main()", "events", "--follow", "--output", "json"]
    with subprocess.Popen([*command, "--home", str(cli.home)], stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout
        try:
            assert json.loads(following.stdout.readline())["detail"]["crawlId"] == first.id
            second = engine.start_crawl(crawler)
            engine.stop_run(first.id)
            told = [json.loads(following.stdout.readline())["detail"] for _ in range(2)]
        finally:
            following.terminate()
    assert [(each["crawlId"], each["state"]) for each in told] == [(second.id, "Waiting"), (first.id, "Stopped")]
    engine.engine.dispose()
