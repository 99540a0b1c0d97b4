"""Execution environments: kept, named by jobs, and known to a run as they were when it was put in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
from sqlalchemy import Engine as SqlEngine

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from engine.engine import Engine
from engine.jobs.sizing import Grant, Host
from engine.model import EMBEDDED, Environment, Job, JobSpec
from engine.spark.clusters import Cluster, cluster_of, in_driver

STORE = Environment("store", "spark://10.0.0.5:7077", {"spark.a": "1"}, driver_host="10.0.0.2", python="/opt/python")
HOST = Host(cores=2, memory_mb=4_096, runs=4, unsized=Grant(0.5, 2, 2_048))


@pytest.fixture
def engine(store: SqlEngine, clock: Callable[[], datetime]) -> Engine:
    return Engine(store, clock, host=HOST)


def spec_of(engine: Engine, run_id: str) -> JobSpec:
    return msgspec.json.decode(engine.get_run(run_id).spec, type=JobSpec)


def test_an_environment_is_kept_as_it_was_given(engine: Engine) -> None:
    engine.create_environment(STORE)
    found = engine.get_environment("store")
    assert replace(found, created_at=None, updated_at=None) == STORE
    assert [each.name for each in engine.list_environments().items] == ["store"]
    with pytest.raises(AlreadyExists, match="store"):
        engine.create_environment(STORE)


def test_an_update_counts_and_one_that_changes_nothing_does_not(engine: Engine) -> None:
    engine.create_environment(STORE)
    assert engine.update_environment(STORE).version == 0
    assert engine.update_environment(replace(STORE, master="yarn"), expected_version=0).version == 1
    with pytest.raises(VersionConflict, match="store"):
        engine.update_environment(STORE, expected_version=0)
    assert engine.get_environment("store").master == "yarn"


def test_what_is_not_there_cannot_be_changed_or_deleted(engine: Engine) -> None:
    for verb in (engine.get_environment, engine.delete_environment):
        with pytest.raises(NotFound, match="Environment store"):
            verb("store")
    with pytest.raises(NotFound, match="Environment store"):
        engine.update_environment(STORE)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(STORE, name=EMBEDDED), "this machine is known by that name"),
        (replace(STORE, name=" "), "it is empty"),
        (replace(STORE, master="mesos://host"), "spark://host:port, yarn, k8s://"),
        (replace(STORE, master="spark://host"), "spark://host:port"),
        (replace(STORE, conf={"memory": "1g"}), "a setting is named spark"),
        (replace(STORE, conf={"spark.master": "yarn"}), "the master is given by itself"),
        (replace(STORE, driver_host="a b"), "reach this machine"),
        (replace(STORE, driver_host=""), "reach this machine"),
    ],
)
def test_what_is_no_environment_is_refused(engine: Engine, wrong: Environment, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        engine.create_environment(wrong)


def test_a_run_keeps_the_environment_as_it_was_when_it_was_put_in(engine: Engine) -> None:
    engine.create_environment(STORE)
    engine.create_job(Job("etl", "/etl.py", environment="store", max_concurrent_runs=2))
    run = engine.start_job_run("etl")
    engine.update_environment(replace(STORE, master="yarn"))
    there = spec_of(engine, run.id).environment
    assert there is not None
    assert there.master == "spark://10.0.0.5:7077"
    engine.delete_environment("store")
    with pytest.raises(NotFound, match="Environment store"):
        engine.start_job_run("etl")


@pytest.mark.parametrize("named", [None, EMBEDDED])
def test_a_job_that_names_none_or_the_embedded_one_runs_here(engine: Engine, named: str | None) -> None:
    engine.create_job(Job("etl", "/etl.py", environment=named))
    assert spec_of(engine, engine.start_job_run("etl").id).environment is None


@pytest.mark.parametrize(("named", "cores"), [("store", 40), (None, 2)])
def test_of_a_run_elsewhere_this_machine_carries_the_driver_and_all_that_was_asked_is_granted(
    engine: Engine, named: str | None, cores: int
) -> None:
    engine.create_environment(STORE)
    engine.create_job(Job("etl", "/etl.py", environment=named, worker_type="G.1X", number_of_workers=11))
    engine.start_job_run("etl")
    taken = engine.claim_run("worker", ("job",))
    assert taken is not None
    assert (taken.figures["cores"], taken.memory_mb) == (cores, 4_096)


@pytest.mark.parametrize(
    ("master", "cluster"),
    [
        ("local", Cluster.LOCAL),
        ("local[*]", Cluster.LOCAL),
        ("local[4,2]", Cluster.LOCAL),
        ("local-cluster[2,1,1024]", Cluster.LOCAL),
        ("spark://a:1", Cluster.STANDALONE),
        ("spark://a:1,b:2", Cluster.STANDALONE),
        ("yarn", Cluster.YARN),
        ("k8s://https://host:6443", Cluster.KUBERNETES),
    ],
)
def test_masters_are_told_apart(master: str, cluster: Cluster) -> None:
    assert cluster_of(master) is cluster
    assert in_driver(master) == (cluster is Cluster.LOCAL and "cluster" not in master)
