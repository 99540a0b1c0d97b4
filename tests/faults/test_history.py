"""The checker of histories finds each kind of fault, and none in a history that is in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.states import RunState
from tests.faults.history import (
    BADLY,
    LOST,
    WELL,
    Deed,
    Limits,
    Record,
    Submission,
    faults_of_adoption,
    faults_of_bookmark,
    faults_of_rows,
    faults_of_runs,
    faults_of_survival,
)

W, S, R, OK, BAD = (RunState(each) for each in ("WAITING", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"))


def record(run: str, state: RunState, attempt: int = 0, previous: str | None = None, detail: str = "") -> Record:
    moves = ((None, W), (W, S), (S, R), (R, state))
    return Record(run, "job", "a", state, detail, attempt, previous, moves)


ASKED = [Submission("a", "1")]
RUNS = [record("1", BAD), record("2", OK, 1, "1")]
DEEDS = {"1": Deed("1", 1, 0.0, BADLY, 1.0), "2": Deed("2", 1, 2.0, WELL, 3.0)}
LIMITS = {"job": Limits(retries=2, at_once=1)}


def test_a_history_in_order_has_no_fault() -> None:
    assert faults_of_runs(ASKED, RUNS, DEEDS, LIMITS) == []
    assert faults_of_runs([*ASKED, Submission("unanswered", None)], RUNS, DEEDS, LIMITS) == []
    assert faults_of_adoption({"1": "p"}, {"1": "p", "2": "q"}, RUNS) == []
    assert faults_of_rows({"x", "y"}, ["y", "x"]) == []
    assert faults_of_bookmark(["1"], {"1"}) == []


@pytest.mark.parametrize(
    ("runs", "deeds", "fault"),
    [
        ([], {}, "1 is lost"),
        ([*RUNS, replace(RUNS[1], id="3", previous=None, attempt=0)], DEEDS, "a was put in once and is 2 runs"),
        ([replace(RUNS[0], state=R, moves=RUNS[0].moves[:3])], {}, "1 has not ended: RUNNING"),
        ([replace(RUNS[0], moves=((None, W), (W, OK)))], {}, "1 went from WAITING to SUCCEEDED"),
        ([replace(RUNS[0], moves=((None, W), (S, R), (R, BAD)))], {}, "1 was WAITING and then left STARTING"),
        ([replace(RUNS[0], moves=RUNS[0].moves[:3])], {}, "1 is FAILED, and its last move was to RUNNING"),
        ([replace(RUNS[0], moves=())], {}, "1 has no beginning"),
        ([record("1", OK)], {}, "1 SUCCEEDED, and its script never began"),
        (RUNS, DEEDS | {"2": replace(DEEDS["2"], begun=2)}, "2 began 2 times"),
        ([record("1", OK)], {"1": DEEDS["1"]}, "1 is SUCCEEDED (), and its script ended badly"),
        (RUNS, DEEDS | {"2": replace(DEEDS["2"], ended=None)}, "2 is SUCCEEDED (None), and its script ended None"),
        ([record("1", BAD, detail=LOST), RUNS[1]], DEEDS, "1 is told as lost, and its script ended badly"),
        (RUNS[:1], {}, "1 (FAILED, attempt 0) was repeated 0 times"),
        ([*RUNS, replace(RUNS[1], id="3")], DEEDS, "1 (FAILED, attempt 0) was repeated 2 times"),
        ([RUNS[0], replace(RUNS[1], attempt=2)], DEEDS, "2 is attempt 2 after 1"),
        (RUNS, DEEDS | {"2": replace(DEEDS["2"], began_at=0.5)}, "2 scripts of job went on at once: 1 may"),
        (RUNS, DEEDS | {"9": Deed("9", 1, 9.0)}, "9 has done something, and the ledger has no such run"),
    ],
)
def test_a_fault_is_told(runs: list[Record], deeds: dict[str, Deed], fault: str) -> None:
    found = faults_of_runs(ASKED, runs, deeds, LIMITS)
    assert any(each.replace("()", "(None)").startswith(fault.replace("()", "(None)")) for each in found), found


def test_a_run_that_nobody_put_in_is_told() -> None:
    assert "a is a run that nobody put in" in faults_of_runs([], RUNS, DEEDS, LIMITS)


@pytest.mark.parametrize(
    ("after", "details", "fault"),
    [
        ({"1": "q"}, "", "1 was restarted: p became q"),
        ({}, "", "1 was restarted: p became None"),
        ({"1": "p"}, f"{LOST}: it was killed", "1 lived and was called lost"),
    ],
)
def test_a_process_that_was_not_adopted_is_told(after: dict[str, str], details: str, fault: str) -> None:
    assert faults_of_adoption({"1": "p"}, after, [record("1", BAD, detail=details)]) == [fault]


def test_rows_that_are_missing_doubled_or_made_up_are_told() -> None:
    told = ["row x is missing", "row y was written 2 times", "row z is of no input"]
    assert faults_of_rows({"x", "y"}, ["y", "y", "z"]) == told


def test_a_bookmark_beside_the_output_is_told() -> None:
    assert faults_of_bookmark(["1"], set()) == ["the bookmark is ahead of the output: 1 moved it"]
    assert faults_of_bookmark([], {"1"}) == ["the output is ahead of the bookmark: 1 is published"]
    assert faults_of_bookmark(["1", "1"], {"1"}) == ["1 moved the bookmark 2 times"]


def test_a_run_that_failed_though_its_script_did_not_is_a_fault_where_only_services_are_killed() -> None:
    assert faults_of_survival(RUNS, DEEDS) == []
    [fault] = faults_of_survival(RUNS, {"2": DEEDS["2"]})
    assert fault.startswith("1 is FAILED")
    assert len(faults_of_survival(RUNS, {"1": Deed("1", 1, 0.0), "2": DEEDS["2"]})) == 1
