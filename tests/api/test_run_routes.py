"""The routes of a run's own process: only with its token, and only while it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine as SqlEngine

from api.auth.policies import Policies
from catalog.catalog import Catalog
from catalog.model import Column, Database, Origin, Partition, SerDe, StorageDescriptor, Table
from engine.engine import Engine
from engine.flows.workflow_model import Workflow
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, JOB, Job, Outcome, Run
from engine.states import RunState
from tests.api.test_app import ask
from tests.engine.flows.flowing import on_demand

CSV = SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","})


class Caller:
    """A run's process, as far as its calls go; the job reads web.visits, which has two days."""

    def __init__(self, store: SqlEngine, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.catalog, self.engine = Catalog(store, Origin("test")), Engine(store)
        self.catalog.create_database(Database("web"))
        storage = StorageDescriptor((Column("page", "string"),), location=self.location("visits"), serde=CSV)
        self.catalog.create_table(Table("web", "visits", storage, (Column("day", "int"),)))
        for day in ("1", "2"):
            place = folder / "visits" / day
            place.mkdir(parents=True)
            (place / "part.csv").write_text("home\n")
            there = StorageDescriptor(storage.columns, location=self.location(f"visits/{day}"), serde=CSV)
            self.catalog.create_partitions("web", "visits", [Partition((day,), there)])
        self.engine.create_job(Job("totals", "/t.py", {BOOKMARK_OPTION: BOOKMARK_ENABLE}, max_concurrent_runs=9))
        self.run = self.begin()
        self.token = self.engine.give_token(self.run.id)

    def begin(self) -> Run:
        run = self.engine.claim_run("worker", run_id=self.engine.start_job_run("totals").id)
        assert run is not None
        return run

    def location(self, name: str) -> str:
        return f"file://{self.folder / name}/"

    def call(self, path: str, body: object = None, method: str = "POST", run: str = "", header: str | None = "") -> Any:
        authorization = f"Bearer {self.token}" if header == "" else header
        headers = {"Authorization": authorization} if authorization is not None else {}
        return ask(self.store, f"/runs/{run or self.run.id}/{path}", method, json=body, headers=headers)

    def written(self, **changed: object) -> dict[str, object]:
        return {
            "database": "web",
            "table": "totals",
            "location": self.location("totals"),
            "format": "glueparquet",
            "columns": [{"name": "Page", "type": "string"}, {"name": "count", "type": "bigint"}],
            "partition_keys": [{"name": "Day", "type": "int"}],
            "partitions": [{"values": ["1"], "location": self.location("totals/day=1")}],
            "update_catalog": True,
            **changed,
        }


@pytest.fixture
def caller(store: SqlEngine, tmp_path: Path) -> Caller:
    return Caller(store, tmp_path)


READ = {"database": "web", "table": "visits", "transformation_ctx": "visits"}


def demand_refused(caller: Caller, answers: list[httpx.Response]) -> None:
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["error"]["code"] for answer in answers} == {"FORBIDDEN"}
    assert caller.catalog.find_table("web", "totals") is None
    assert caller.engine.list_sources(caller.run.id) == []
    assert caller.engine.get_run(caller.run.id).committed_at is None


def everything(caller: Caller, run: str = "", header: str | None = "") -> list[httpx.Response]:
    return [
        caller.call("read-plan", READ, run=run, header=header),
        caller.call("tables/web/visits", method="GET", run=run, header=header),
        caller.call("written", caller.written(), run=run, header=header),
        caller.call("commit", {}, run=run, header=header),
    ]


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", "Bearer é".encode(), "Basic {token}", "{token}"])
def test_without_the_run_s_token_nothing_is_told_or_written(caller: Caller, header: Any) -> None:
    given = header.format(token=caller.token) if isinstance(header, str) else header
    demand_refused(caller, everything(caller, header=given))


def test_a_token_is_good_for_no_other_run_and_for_none_that_is_not_there(caller: Caller) -> None:
    other = caller.begin()
    caller.engine.give_token(other.id)
    demand_refused(caller, everything(caller, run=other.id) + everything(caller, run="jr_0"))
    assert caller.engine.get_run(other.id).committed_at is None


def test_a_token_ends_with_its_run(caller: Caller) -> None:
    caller.engine.finish_run(caller.run.id, "worker", Outcome(RunState.STOPPED))
    demand_refused(caller, everything(caller))


def test_a_new_token_replaces_the_old_one(caller: Caller) -> None:
    caller.engine.give_token(caller.run.id)
    demand_refused(caller, everything(caller))


def test_a_read_plan_names_the_files_of_the_partitions_that_match(caller: Caller) -> None:
    whole = caller.call("read-plan", READ).json()
    assert [group["values"] for group in whole["groups"]] == [["1"], ["2"]]
    told = {"tracked": True, "selected": 2, "skipped": 0, "reasons": {"NEW": 2}, "note": None}
    assert (whole["format"], whole["bookmark"]) == ("csv", told)
    assert [key["name"] for key in whole["partition_keys"]] == ["day"]
    pruned = caller.call("read-plan", {**READ, "push_down_predicate": "day = '2'"}).json()
    [group] = pruned["groups"]
    assert group["values"] == ["2"]
    [file] = group["files"]
    assert file["path"] == caller.location("visits/2") + "part.csv"
    assert file["size"] == 5


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "neither database and table nor paths"),
        ({"database": "web"}, 400, "neither database and table nor paths"),
        ({**READ, "options": {"catalogPartitionPredicate": "page = 'home'"}}, 400, "Partition filter"),
        ({**READ, "table": "orders"}, 404, "Table web.orders not found."),
        ({"paths": ["/no/such"], "format": "csv"}, 400, "/no/such does not exist"),
        ({"paths": ["/"], "format": "word"}, 400, "format word is not supported"),
    ],
)
def test_a_source_that_cannot_be_planned_is_told_why(
    caller: Caller, body: dict[str, object], status: int, words: str
) -> None:
    refused = caller.call("read-plan", body)
    assert refused.status_code == status
    assert words in refused.json()["error"]["message"]


def test_a_sink_that_is_not_to_tell_the_catalog_is_noted_with_its_place_and_an_empty_one_not_at_all(
    caller: Caller,
) -> None:
    place = caller.location("copy")
    for location, rows in ((place, 3), (caller.location("none"), 0)):
        told = caller.call("written", caller.written(location=location, rows=rows, update_catalog=False))
        assert told.json() == {}
    [noted] = caller.engine.batch_list_accesses([caller.run.id])[caller.run.id]
    assert (noted.source, noted.columns) == (place, ("page", "count", "day"))
    assert caller.catalog.find_table("web", "totals") is None


def test_a_table_is_described(caller: Caller) -> None:
    found = caller.call("tables/web/visits", method="GET").json()
    assert (found["database"], found["table"], found["format"]) == ("web", "visits", "csv")
    assert (found["columns"], found["partition_keys"]) == (
        [{"name": "page", "type": "string"}],
        [{"name": "day", "type": "int"}],
    )
    assert caller.call("tables/web/orders", method="GET").status_code == 404


def test_what_the_resource_policy_denies_a_run_cannot_read_or_write(caller: Caller) -> None:
    policies = Policies(caller.store, "123456789012")
    denied = {"Effect": "Deny", "Principal": "*", "Action": "glue:*", "Resource": "arn:aws:glue:*:*:table/web/*"}
    policies.put(json.dumps({"Statement": denied}))
    delete = {"values": [["1"]]}
    answers = [
        caller.call("read-plan", READ),
        caller.call("tables/web/visits", method="GET"),
        caller.call("tables/web/visits/partitions", method="GET"),
        caller.call("tables/web/visits/partitions/delete", delete),
        caller.call("written", caller.written()),
    ]
    demand_refused(caller, answers)
    assert "explicit deny" in answers[0].json()["error"]["message"]
    policies.delete()
    assert caller.call("read-plan", READ).status_code == 200
    assert caller.call("tables/web/visits/partitions/delete", delete).json() == {"deleted": 1}


def test_what_was_written_becomes_a_table_made_by_the_run(caller: Caller) -> None:
    made = caller.call("written", caller.written()).json()
    assert [column["name"] for column in made["columns"]] == ["page", "count"]
    assert (made["format"], made["location"]) == ("parquet", caller.location("totals"))
    [version] = caller.catalog.list_versions("web", "totals").items
    assert (version.origin.face, version.origin.run_id) == ("job", caller.run.id)
    assert caller.catalog.count_partitions("web", "totals") == 1

    more = [{"name": "page", "type": "string"}, {"name": "seconds", "type": "double"}]
    logged = caller.call("written", caller.written(columns=more, update_behavior="LOG")).json()
    assert [column["name"] for column in logged["columns"]] == ["page", "count"]
    updated = caller.call("written", caller.written(columns=more)).json()
    assert [column["name"] for column in updated["columns"]] == ["page", "count", "seconds"]
    assert caller.catalog.get_table("web", "totals").version == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"partition_keys": [], "partitions": []}, "partitionKeys"),
        ({"partition_keys": [{"name": "hour", "type": "int"}]}, "partitionKeys"),
        ({"table": None}, "setCatalogInfo names no database and table"),
        ({"table": "fresh", "format": "xml"}, "format xml"),
    ],
)
def test_what_does_not_fit_the_catalog_is_refused_and_changes_nothing(
    caller: Caller, changed: dict[str, object], words: str
) -> None:
    caller.call("written", caller.written())
    before = caller.catalog.get_table("web", "totals")
    refused = caller.call("written", caller.written(columns=[{"name": "x", "type": "int"}], **changed))
    assert refused.status_code == 400
    assert words in refused.json()["error"]["message"]
    assert caller.catalog.get_table("web", "totals") == before
    assert caller.catalog.count_partitions("web", "totals") == 1
    assert caller.catalog.find_table("web", "fresh") is None


def test_a_sink_that_does_not_update_the_catalog_changes_nothing(caller: Caller) -> None:
    assert caller.call("written", caller.written(update_catalog=False)).json() == {}
    assert caller.catalog.find_table("web", "totals") is None


def test_a_commit_is_pending_until_the_run_succeeds(caller: Caller) -> None:
    caller.call("read-plan", READ)
    assert caller.call("commit", {}).json() == {}
    assert caller.engine.get_run(caller.run.id).committed_at is not None
    assert caller.engine.find_bookmark("totals") is None
    caller.engine.finish_run(caller.run.id, "worker", Outcome(RunState.SUCCEEDED))
    assert caller.engine.get_bookmark("totals").run_id == caller.run.id


def stage(caller: Caller, place: str) -> str:
    return str(caller.call("stage", {"location": place}).json()["location"])


def test_a_run_writes_where_it_is_told_unless_it_stages_its_output(caller: Caller) -> None:
    place = caller.location("out")
    assert stage(caller, place) == place
    staging = caller.engine.start_job_run("totals", {"--job-output-commit": "staged"})
    run = caller.engine.claim_run("worker", run_id=staging.id)
    assert run is not None
    caller.run, caller.token = run, caller.engine.give_token(run.id)
    assert stage(caller, place) == f"{place}.isinglass-staged/{run.id}-0"
    assert caller.call("stage", {"location": "out"}).json()["error"]["code"] == "INVALID_INPUT"
    assert caller.call("written", caller.written()).json() == {}
    assert caller.catalog.find_table("web", "totals") is None, "the catalog learns of it when the run has succeeded"


def test_rows_and_counts_are_followed_by_the_bookmark(caller: Caller) -> None:
    keys = {"transformation_ctx": "till", "keys": ["id"]}
    assert caller.call("bookmark/key-plan", keys).json() == {"tracked": True, "after": None, "upto": None, "note": None}
    assert caller.call("bookmark/keys-read", {**keys, "source": "till/orders", "upto": ["long:7"]}).json() == {}
    assert caller.call("bookmark/key-plan", keys).json()["upto"] == ["long:7"]
    assert caller.call("bookmark/count", {"transformation_ctx": "flat"}).json() == {"count": 0}
    caller.call("bookmark/count", {"transformation_ctx": "flat", "count": 3})
    caller.call("commit", {})
    caller.engine.finish_run(caller.run.id, "worker", Outcome(RunState.SUCCEEDED))
    assert set(caller.engine.get_bookmark("totals").sources) == {"till", "flat"}


@pytest.mark.parametrize("path", ["stage", "bookmark/key-plan", "bookmark/keys-read", "bookmark/count"])
def test_the_bookmark_s_routes_want_the_token_too(caller: Caller, path: str) -> None:
    body = {"transformation_ctx": "x", "keys": ["id"], "source": "x", "upto": ["long:1"], "count": 1, "location": "/x"}
    assert caller.call(path, body, header="Bearer wrong").status_code == 403
    assert caller.engine.list_sources(caller.run.id) == []


def test_a_run_sees_a_tables_partitions_and_takes_empty_ones_out(caller: Caller) -> None:
    found = caller.call("tables/web/visits/partitions?predicate=day%20%3E%201", method="GET").json()
    assert found == {"partitions": [{"values": ["2"], "location": caller.location("visits/2")}]}
    answer = caller.call("tables/web/visits/partitions/delete", {"values": [["1"]]})
    assert (answer.status_code, answer.json()) == (200, {"deleted": 1})
    assert [partition.values for partition in caller.catalog.iter_partitions("web", "visits")] == [("2",)]
    assert caller.call("tables/web/visits/partitions", method="GET", header=None).status_code == 403


def test_a_run_of_a_workflow_reads_and_sets_its_properties(caller: Caller) -> None:
    engine = caller.engine
    engine.create_workflow(Workflow("w", default_properties={"day": "1"}), [on_demand("go", "totals", workflow="w")])
    workflow_run = engine.start_workflow_run("w")
    [begun] = [run for run in engine.unfinished_runs(JOB) if run.workflow_run_id == workflow_run.id]
    engine.claim_run("worker", run_id=begun.id)
    token = f"Bearer {engine.give_token(begun.id)}"
    given = {"run": begun.id, "header": token}
    assert caller.call("workflow-properties", method="GET", **given).json() == {"day": "1"}
    answer = caller.call("workflow-properties", {"rows": "12"}, method="PUT", **given)
    assert answer.json() == engine.get_workflow_run(workflow_run.id).properties == {"day": "1", "rows": "12"}
    assert caller.call("workflow-properties", method="GET").status_code == 404
    assert caller.call("workflow-properties", method="GET", run=begun.id).status_code == 403
