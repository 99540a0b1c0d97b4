"""Worker types and what a machine grants of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidInput
from engine.jobs.sizing import (
    MAX_CAPACITY,
    WORKER_TYPES,
    Grant,
    asked,
    costs,
    figures,
    grant,
    granted,
    host_of,
    memory_of,
    sentence,
)
from engine.model import Job, JobSpec
from engine.spark.spark import SparkSettings

HOST = host_of(cores=2, memory_mb=18_000, runs=4, master="local[*]", driver_memory="2g")
ETL = Job("etl", "/etl.py")


def spec(arguments: dict[str, str] | None = None, **fields: Any) -> JobSpec:
    return JobSpec(replace(ETL, **fields), arguments or {})


@pytest.mark.parametrize(
    ("kind", "number", "dpu", "executors", "cores", "executor_mb", "overhead_mb"),
    [
        ("Standard", 10, 10, 17, 34, 5 * 1024, 1024),
        ("G.025X", 2, 0.5, 1, 2, 2 * 1024, 1024),
        ("G.1X", 10, 10, 9, 36, 10 * 1024, 3 * 1024),
        ("G.1X", 1, 1, 1, 4, 10 * 1024, 3 * 1024),
        ("G.2X", 3, 6, 2, 16, 20 * 1024, 6 * 1024),
        ("G.4X", 2, 8, 1, 16, 40 * 1024, 12 * 1024),
        ("G.8X", 2, 16, 1, 32, 80 * 1024, 24 * 1024),
        ("G.12X", 2, 24, 1, 48, 120 * 1024, 36 * 1024),
        ("G.16X", 2, 32, 1, 64, 160 * 1024, 48 * 1024),
        ("R.1X", 2, 2, 1, 4, 22 * 1024, 5 * 1024),
        ("R.2X", 2, 4, 1, 8, 44 * 1024, 10 * 1024),
        ("R.4X", 2, 8, 1, 16, 88 * 1024, 20 * 1024),
        ("R.8X", 2, 16, 1, 32, 176 * 1024, 40 * 1024),
    ],
)
def test_a_worker_type_says_cores_memory_executors_and_dpu(
    kind: str, number: int, dpu: float, executors: int, cores: int, executor_mb: int, overhead_mb: int
) -> None:
    size = asked(spec(worker_type=kind, number_of_workers=number))
    assert size is not None
    assert (size.dpu, size.executors, size.cores) == (dpu, executors, cores)
    assert (size.executor_memory_mb, size.overhead_mb, size.driver_memory_mb) == (executor_mb, overhead_mb, executor_mb)
    assert size.memory_mb == executor_mb * (executors + 1)


def test_each_executor_fits_into_its_worker() -> None:
    for name, each in WORKER_TYPES.items():
        assert each.executors * (each.heap_gb + each.overhead_gb) <= each.memory_gb, name
        assert each.dpu == each.cores / 4 or name == "G.025X"


def test_a_capacity_is_so_many_workers_and_a_python_shell_job_a_part_of_one() -> None:
    old, new = asked(spec(max_capacity=10.0, glue_version="1.0")), asked(spec(max_capacity=10.0))
    assert old is not None
    assert new is not None
    assert (old.executors, new.executors, old.dpu, new.dpu) == (17, 9, 10, 10)
    shell = [asked(spec(command="pythonshell", max_capacity=capacity)) for capacity in (None, 0.0625, 1.0)]
    assert [each and (each.dpu, each.cores, each.memory_mb) for each in shell] == [
        (0.0625, 1, 1024),
        (0.0625, 1, 1024),
        (1.0, 4, 16_384),
    ]
    assert asked(spec()) is None


def test_workers_of_no_type_are_g_1x_and_a_type_without_a_number_is_ten_of_it() -> None:
    numbered, typed = asked(spec(number_of_workers=3)), asked(spec(worker_type="G.2X"))
    assert [each and (each.words, each.dpu) for each in (numbered, typed)] == [("3 × G.1X", 3), ("10 × G.2X", 20)]


def test_executor_cores_are_as_asked_up_to_twice_the_workers() -> None:
    size = asked(spec({"--executor-cores": "8"}, worker_type="G.1X", number_of_workers=3))
    assert size is not None
    assert (size.executor_cores, size.cores) == (8, 16)
    with pytest.raises(InvalidInput, match=r"--executor-cores 9 of job etl .*at most 8 tasks"):
        asked(spec({"--executor-cores": "9"}, worker_type="G.1X", number_of_workers=3))


def test_a_machine_grants_what_was_asked_or_what_it_has() -> None:
    big = asked(spec(worker_type="G.1X", number_of_workers=10))
    assert grant(big, HOST) == Grant(18_000 / 16_384, 2, 18_000)
    small = asked(spec(worker_type="G.025X", number_of_workers=2))
    assert grant(small, HOST) == Grant(0.5, 2, 4_096)
    assert grant(None, HOST) == Grant(0.5, 2, 2_048)


def test_a_cluster_has_the_executors_and_this_machine_the_driver_alone() -> None:
    cluster = host_of(cores=2, memory_mb=18_000, runs=4, master="spark://head:7077", driver_memory="2g")
    size = asked(spec(worker_type="G.1X", number_of_workers=10))
    assert grant(size, cluster) == Grant(10, 36, 10_240)


@pytest.mark.parametrize(
    ("master", "cores"), [("local", 1), ("local[*]", 6), ("local[2]", 2), ("local[3,2]", 3), ("yarn", 6)]
)
def test_a_run_without_a_size_has_the_masters_threads(master: str, cores: int) -> None:
    host = host_of(6, 18_000, 4, master, "1g")
    assert (host.unsized.cores, host.unsized.memory_mb, host.embedded) == (cores, 1_024, master != "yarn")


@pytest.mark.parametrize(("text", "mb"), [("2g", 2_048), ("512m", 512), ("1T", 1_048_576), (" 3GB ", 3_072)])
def test_a_memory_is_spelled_as_javas(text: str, mb: int) -> None:
    assert memory_of(text) == mb


@pytest.mark.parametrize("text", ["", "2", "g", "two g", "1.5g", "-1g"])
def test_what_is_no_memory_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="such as 2g"):
        memory_of(text)


@given(
    kind=st.sampled_from(sorted(WORKER_TYPES)),
    number=st.integers(1, 299),
    cores=st.integers(1, 128),
    memory_mb=st.integers(1_024, 10**6),
)
def test_no_more_is_granted_than_was_asked_and_no_more_than_is_there(
    kind: str, number: int, cores: int, memory_mb: int
) -> None:
    size = asked(spec(worker_type=kind, number_of_workers=number))
    assert size is not None
    found = grant(size, host_of(cores, memory_mb, 4, "local[*]", "1g"))
    assert 0 < found.cores <= min(size.cores, cores)
    assert 0 < found.memory_mb <= min(size.memory_mb, memory_mb)
    assert 0 < found.dpu <= size.dpu
    assert granted(figures(size, found)) == found


def test_every_whole_capacity_has_a_size() -> None:
    assert all(asked(spec(max_capacity=float(dpu))) is not None for dpu in MAX_CAPACITY)


def test_what_was_asked_and_granted_is_told_in_one_line() -> None:
    size = asked(spec(worker_type="G.1X", number_of_workers=2))
    assert sentence(size, Grant(1, 2, 9_000)) == (
        "asked 2 × G.1X: 4 cores and 20,480 MB (2 DPU); granted 2 cores and 9,000 MB (1 DPU)"
    )
    assert sentence(None, Grant(0.5, 2, 2_048)) == ("the job names no size; granted 2 cores and 2,048 MB (0.5 DPU)")


def test_a_run_costs_the_dpu_that_it_was_granted_for_as_long_as_it_took() -> None:
    told = figures(asked(spec(worker_type="G.1X", number_of_workers=10)), Grant(0.5, 2, 8_192))
    assert costs(told, 3_600, price=None) == {"dpu_seconds": 1_800, "asked_dpu_seconds": 36_000}
    assert costs(told, 3_600, price=0.44)["cost"] == 0.22
    assert costs({}, 10, price=0.44) == {}
    assert granted({}) is None


@pytest.mark.parametrize(
    ("master", "found"), [("local[*]", ("local[2]", "9000m")), ("spark://head:7077", ("spark://head:7077", "9000m"))]
)
def test_spark_has_what_was_granted_here_all_of_it_and_on_a_cluster_the_driver(
    master: str, found: tuple[str, str]
) -> None:
    settings = SparkSettings(master, "2g", "thrift://localhost:9083", Path("/warehouse"), Path("/home"))
    sized = settings.sized(Grant(1, 2, 9_000))
    assert (sized.master, sized.driver_memory) == found
    assert settings.sized(None) is settings
