"""Crawling from the command line: planned, applied, scheduled and told."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.api.conftest import CommandLine

SALES = "id,item\n1,pen\n2,ink\n"


@pytest.fixture
def lake(cli: CommandLine, tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    for name in ("sales/month=1/a.csv", "sales/month=2/a.csv", "stock/a.csv"):
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text(SALES)
    cli.run("database", "create", "shop")
    return folder


def test_a_dry_run_is_shown_with_its_evidence_and_applied_in_part(cli: CommandLine, lake: Path) -> None:
    (lake / "sales" / "month=2" / "a.csv").write_text("id,item\n3,pen\nn/k,ink\n")
    told = cli.run("crawl", lake, "--database", "shop", "--dry-run")
    assert "sales created: csv, 2 files, 4 rows, 2 partitions by month" in told
    assert "id is string:" in told
    assert f"values: bigint 3 (such as file://{lake}/sales/month=1/a.csv row 1, '1'), string 1 (such as" in told
    assert "row 2, 'n/k')" in told
    [plan] = cli.json("crawl", "plans")
    assert (plan["state"], plan["changing"]) == ("OPEN", ["shop.sales", "shop.stock"])
    assert f"write it with: isinglass crawl apply {plan['id']}" in told
    assert cli.json("table", "list", "shop") == []

    assert cli.run("crawl", "apply", plan["id"], "--only", "sales") == f"plan {plan['id']} applied: shop.sales\n"
    assert [table["name"] for table in cli.json("table", "list", "shop")] == ["sales"]
    assert f"Crawl plan {plan['id']} was applied already" in cli.refusal("crawl", "apply", plan["id"])
    assert "was applied at" in cli.run("crawl", "show", plan["id"])
    assert cli.json("crawl", "show", plan["id"])["applied"] == ["shop.sales"]
    cli.run("crawl", "delete", plan["id"])
    assert cli.json("crawl", "plans") == []


def test_a_plan_names_the_breaking_changes_and_who_reads_the_tables(
    cli: CommandLine, lake: Path, tmp_path: Path
) -> None:
    cli.run("crawl", lake, "--database", "shop")
    script = tmp_path / "totals.py"
    script.write_text('# not read: stock\nframe = spark.sql("SELECT * FROM shop.sales")\n')
    cli.run("job", "create", "totals", script)
    cli.run("crawler", "create", "watch", "--table", "shop.sales")
    for month in "12":
        (lake / "sales" / f"month={month}" / "a.csv").write_text("id,item\nx,pen\ny,ink\n")
    found = cli.json("crawl", lake, "--database", "shop", "--dry-run")
    assert (found["breaking"], found["changing"]) == (1, ["shop.sales"])
    assert [(reader["kind"], reader["name"], reader["table"]) for reader in found["readers"]] == [
        ("crawler", "watch", "shop.sales"),
        ("job", "totals", "shop.sales"),
    ]
    told = cli.run("crawl", "show", found["id"])
    assert "1 breaking and 0 safe differences" in told
    assert "its script names the table" in told


def test_a_plan_is_refused_if_the_catalog_moved_meanwhile(cli: CommandLine, lake: Path) -> None:
    plan = cli.json("crawl", lake, "--database", "shop", "--dry-run")
    cli.run("crawl", lake, "--database", "shop")
    line = cli.refusal("crawl", "apply", plan["id"])
    assert "is outdated, so none of it was written: table shop.sales has been created meanwhile" in line


def test_a_crawler_is_updated_by_what_is_given_and_crawled_by_its_name(cli: CommandLine, lake: Path) -> None:
    cli.run("crawler", "create", "night", lake, "--database", "shop", "--exclude", "stock/**", "--prefix", "raw_")
    configuration = '{"Version":1.0,"Grouping":{"TableLevelConfiguration":2},"Isinglass":{"columnNames":"clean"}}'
    updated = cli.json("crawler", "update", "night", "--configuration", configuration, "--on-gone", "LOG")
    assert updated["version"] == 2
    assert updated["targets"][0]["exclusions"] == ["stock/**"]
    assert (updated["configuration"]["table_level"], updated["configuration"]["column_names"]) == (2, "clean")
    assert updated["schema_change"] == {"update": "UPDATE_IN_DATABASE", "delete": "LOG"}
    shown = cli.run("crawler", "show", "night")
    assert '"TableLevelConfiguration": 2' in shown
    assert "stock/**" in shown
    planned = cli.json("crawl", "night", "--dry-run")
    assert planned["crawler"] == "night"
    cli.run("crawler", "update", "night", "--configuration", '{"Version": 1.0}')
    assert "raw_sales created" in cli.run("crawl", "night")
    assert [run["state"] for run in cli.json("crawler", "history", "night", "--state", "SUCCEEDED")] == ["SUCCEEDED"]
    assert cli.json("crawler", "history", "night", "--state", "FAILED") == []
    assert cli.json("crawler", "history", "night", "--until", "2020-01-01") == []
    assert len(cli.json("crawler", "history", "night", "--since", "2020-01-01")) == 1
    [metrics] = cli.json("crawler", "metrics")
    assert (metrics["tables_created"], metrics["still_estimating"], metrics["time_left"]) == (1, False, None)
    assert metrics["last_runtime"] == metrics["median_runtime"] > 0


def test_what_glue_s_clients_say_of_a_crawler_is_kept_and_shown(cli: CommandLine, lake: Path) -> None:
    kept = (
        "--dynamodb", "orders", "--hudi", "s3://lake/hudi", "--role", "crawler", "--security-configuration", "safe",
        "--lineage", "ENABLE", "--lake-formation", "123456789012",
    )  # fmt: skip
    cli.run("crawler", "create", "cloud", "--database", "shop", *kept)
    shown = cli.run("crawler", "show", "cloud")
    for row in (
        r"dynamodb target +orders \(not available here: a crawl skips it\)",
        r"hudi target +s3://lake/hudi \(not available here: a crawl skips it\)",
        r"role +crawler *\n",
        r"security configuration +safe *\n",
        r"lineage +ENABLE *\n",
        r"Lake Formation +with its keys, of account 123456789012 *\n",
    ):
        assert re.search(row, shown), row
    refused = cli.refusal("crawl", "cloud")
    assert (
        "What crawler cloud is to look at (DynamoDB table orders; Hudi folder s3://lake/hudi) is not avail" in refused
    )
    cli.run("crawler", "update", "cloud", lake / "stock", "--role", "other")
    told = cli.run("crawl", "cloud")
    assert "stock created" in told
    assert "Hudi folder s3://lake/hudi: Hudi folder s3://lake/hudi is not available here; let Hudi's own sync" in told
    crawler = cli.json("crawler", "show", "cloud")
    assert crawler["cloud"]["role"] == "other"
    assert crawler["cloud"]["security_configuration"] == "safe"
    assert "Connection ghost not found" in cli.refusal("crawler", "update", "cloud", "--mongodb", "ghost=shop/orders")


def test_a_crawl_of_a_server_counts_its_tables_and_not_files(cli: CommandLine, tmp_path: Path, lake: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "till.db")) as store:
        store.executescript("CREATE TABLE a (x int); CREATE TABLE b (y text); CREATE VIEW c AS SELECT 1 AS z;")
    cli.run("connection", "create", "till", "--url", f"jdbc:sqlite:{tmp_path}/till.db")
    cli.run("crawler", "create", "till", "--database", "shop", "--jdbc", "till=main/%")
    told = cli.run("crawl", "till")
    assert "3 tables of a server seen, 3 read, 3 tables" in told
    assert "main_a created: sqlite\n" in told
    assert "file" not in told
    refused = cli.refusal("table", "preview", "shop.main_a")
    assert "its rows lie in the database that connection till reaches" in refused
    cli.run("crawler", "update", "till", lake / "stock")
    assert "1 file, 3 tables of a server seen, 4 read, 4 tables" in cli.run("crawl", "till")


def test_what_keeps_tables_apart_is_told_once(cli: CommandLine, lake: Path) -> None:
    for name in ("b", "c", "d"):
        (lake / "mixed" / f"day={name}").mkdir(parents=True)
        (lake / "mixed" / f"day={name}" / "x.csv").write_text(SALES)
    (lake / "mixed" / "day=a").mkdir()
    (lake / "mixed" / "day=a" / "x.json").write_text('{"id": 1}\n')
    (lake / "mixed" / "day=e").mkdir()
    (lake / "mixed" / "day=e" / "x.json").write_text('{"id": 1}\n')
    told = cli.run("crawl", lake / "mixed", "--database", "shop")
    assert told.count("cannot be one table") == 1
    assert told.count("It is a table of its own as day_a is.") == 4
    assert "none" not in told
    assert "100%" not in told


def test_an_iceberg_folder_without_tables_is_refused(cli: CommandLine, lake: Path) -> None:
    cli.run("crawler", "create", "ice", "--database", "shop", "--iceberg", lake)
    assert "no table of Iceberg lies in it, down to 10 folders below" in cli.refusal("crawl", "ice")


def test_a_schedule_is_set_paused_and_resumed(cli: CommandLine, lake: Path) -> None:
    cli.run("crawler", "create", "night", lake, "--database", "shop")
    assert "isinglass serve runs it next at" in cli.run("crawler", "schedule", "night", "rate(6 hours)")
    assert "its schedule is paused" in cli.run("crawler", "schedule", "night", "--pause")
    assert cli.json("crawler", "show", "night")["next_fires"] == []
    assert "rate(6 hours) (paused)" in cli.run("crawler", "show", "night")
    assert "is paused already" in cli.refusal("crawler", "schedule", "night", "--pause")
    cli.run("crawler", "schedule", "night", "--resume")
    assert len(cli.json("crawler", "show", "night")["next_fires"]) == 5
    assert "is followed already" in cli.refusal("crawler", "schedule", "night", "--resume")


def test_a_crawler_in_event_mode_looks_where_the_events_say(
    cli: CommandLine, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.run("crawler", "create", "night", lake, "--database", "shop", "--recrawl", "CRAWL_EVENT_MODE")
    assert cli.json("crawler", "run", "night")["partition_counts"]["added"] == 2
    for month in "345":
        (lake / "sales" / f"month={month}").mkdir()
        (lake / "sales" / f"month={month}" / "a.csv").write_text(SALES)
    (lake / "sales" / "month=1" / "a.csv").unlink()
    monkeypatch.chdir(lake)
    given = [
        "--created",
        "sales/month=3/a.csv",
        "--created",
        "sales/month=4",
        "--removed",
        f"file://{lake}/sales/month=1/a.csv",
    ]
    assert cli.run("crawler", "events", *given) == "3 of 3 event(s) concern a crawler in event mode\n"
    assert cli.json("crawler", "events", "--removed", "s3://elsewhere/a.csv") == {"posted": 1, "kept": 0}
    report = cli.json("crawler", "run", "night")
    assert (report["files"]["read"], report["partition_counts"]["added"]) == (2, 2)  # nobody told of month=5
    assert report["partition_counts"]["updated"] == 1  # deprecated
    listed = cli.json("partition", "list", "shop.sales")
    assert [each["values"] for each in listed] == [["1"], ["2"], ["3"], ["4"]]


def test_columns_without_notes_are_shown_whole(cli: CommandLine, lake: Path) -> None:
    cli.run("crawl", lake / "stock", "--database", "shop")
    lines = [line.split() for line in cli.run("table", "show", "shop.stock").splitlines()]
    assert ["column", "type"] in lines
    assert ["item", "string"] in lines
