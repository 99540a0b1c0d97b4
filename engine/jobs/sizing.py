"""Worker type and number → cores, memory, executors and DPU; and what of it a machine grants. A pure table.

https://docs.aws.amazon.com/glue/latest/dg/worker-types.html. A DPU is 4 cores and 16 GB; one worker is the driver's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog.errors import InvalidInput
from engine.jobs.arguments import executor_cores
from engine.model import Job, JobSpec

SHELL_DPU = (0.0625, 1.0)
MAX_CAPACITY = range(2, 101)
DEFAULT_WORKER, DEFAULT_WORKERS = "G.1X", 10  # where only the other is given: AWS's default is 10 DPU
RAY = "Z.2X"
STREAMING = "G.025X"
_GB = 1024
_THREADS = re.compile(r"local(?:\[(\*|\d+)(?:,\s*\d+)?\])?")
_MEMORY = re.compile(r"(\d+)([mgt])b?")
_IN_MB = {"m": 1, "g": _GB, "t": _GB * _GB}


@dataclass(frozen=True)
class WorkerType:
    """`heap_gb` and `overhead_gb` are those of one executor, of which a worker has `executors`."""

    dpu: float
    cores: int
    memory_gb: int
    heap_gb: int
    overhead_gb: int
    executors: int = 1


WORKER_TYPES: dict[str, WorkerType] = {
    "Standard": WorkerType(1, 4, 16, 5, 1, executors=2),
    "G.025X": WorkerType(0.25, 2, 4, 2, 1),
    "G.1X": WorkerType(1, 4, 16, 10, 3),
    "G.2X": WorkerType(2, 8, 32, 20, 6),
    "G.4X": WorkerType(4, 16, 64, 40, 12),
    "G.8X": WorkerType(8, 32, 128, 80, 24),
    "G.12X": WorkerType(12, 48, 192, 120, 36),
    "G.16X": WorkerType(16, 64, 256, 160, 48),
    "R.1X": WorkerType(1, 4, 32, 22, 5),
    "R.2X": WorkerType(2, 8, 64, 44, 10),
    "R.4X": WorkerType(4, 16, 128, 88, 20),
    "R.8X": WorkerType(8, 32, 256, 176, 40),
}


@dataclass(frozen=True)
class Size:
    """What a run asks for. `cores` and `memory_mb` are those of its driver and executors together, as heap.

    A Python shell job has no executors.
    """

    words: str
    dpu: float
    cores: int
    memory_mb: int
    executors: int = 0
    executor_cores: int = 0
    executor_memory_mb: int = 0
    overhead_mb: int = 0
    driver_memory_mb: int = 0


@dataclass(frozen=True)
class Grant:
    """What a run is given. `memory_mb` is what it takes of this machine."""

    dpu: float
    cores: int
    memory_mb: int


@dataclass(frozen=True)
class Host:
    """What job runs may have of this machine together: cores, memory, and how many of them may run at once.

    `unsized` is what a run gets whose job names no size; `embedded`: executors are threads of the driver.
    """

    cores: int
    memory_mb: int
    runs: int
    unsized: Grant
    embedded: bool = True


def asked(spec: JobSpec) -> Size | None:
    """The size that the run asks for; None if its job names none. Raises InvalidInput for too many --executor-cores."""
    job = spec.job
    if job.command == "pythonshell":
        dpu = job.max_capacity or SHELL_DPU[0]
        return Size(f"{dpu:g} DPU", dpu, max(1, int(4 * dpu)), int(16 * _GB * dpu))
    if job.worker_type is not None or job.number_of_workers is not None:
        kind, number = job.worker_type or DEFAULT_WORKER, job.number_of_workers or DEFAULT_WORKERS
        return _of_workers(job, spec.arguments, kind, number, f"{number} × {kind}")
    if job.max_capacity is not None:
        kind = "Standard" if job.glue_version in ("0.9", "1.0") else "G.1X"
        return _of_workers(job, spec.arguments, kind, int(job.max_capacity), f"{job.max_capacity:g} DPU")
    return None


def _of_workers(job: Job, arguments: Mapping[str, str], kind: str, number: int, words: str) -> Size:
    each = WORKER_TYPES[kind]
    cores = executor_cores(job.name, arguments) or each.cores // each.executors
    if cores > 2 * each.cores:
        why = f"an executor of {kind} runs at most {2 * each.cores} tasks at once."
        raise InvalidInput(what=f"--executor-cores {cores} of job {job.name}", why=why)
    # The driver's worker has no executor; of two on a Standard worker, the driver takes one's place besides.
    executors = max(1, (number - 1) * each.executors - (each.executors - 1))
    heap = each.heap_gb * _GB
    return Size(
        words,
        dpu=each.dpu * number,
        cores=cores * executors,
        memory_mb=heap * (executors + 1),
        executors=executors,
        executor_cores=cores,
        executor_memory_mb=heap,
        overhead_mb=each.overhead_gb * _GB,
        driver_memory_mb=heap,
    )


def host_for(spec: JobSpec, host: Host) -> Host:
    """The machine as it is to the run: of one whose executors are elsewhere, it has the driver alone."""
    there = spec.environment
    return host if there is None else replace(host, embedded=_THREADS.fullmatch(there.master) is not None)


def shared(host: Host) -> Host:
    """What of the machine a session may have: a quarter of its memory at most, as it keeps that while it is idle."""
    return replace(host, memory_mb=max(host.memory_mb // 4, host.unsized.memory_mb))


def grant(size: Size | None, host: Host) -> Grant:
    """What the machine gives a run of that size, whatever it does at the moment: what was asked, or all it has."""
    if size is None:
        return host.unsized
    if size.executors and not host.embedded:
        return Grant(size.dpu, size.cores, min(size.driver_memory_mb, host.memory_mb))
    cores, memory_mb = min(size.cores, host.cores), min(size.memory_mb, host.memory_mb)
    return Grant(min(size.dpu, dpu_of(cores, memory_mb)), cores, memory_mb)


def dpu_of(cores: int, memory_mb: int) -> float:
    """The DPU that hold so many cores and so much memory."""
    return max(cores / 4, memory_mb / (16 * _GB))


def host_of(cores: int, memory_mb: int, runs: int, master: str, driver_memory: str) -> Host:
    """A machine whose runs are Spark's `master`'s, and have `driver_memory` if their jobs name no size.

    Raises InvalidInput for a memory that is none.
    """
    heap = min(memory_of(driver_memory), memory_mb)
    threads = _THREADS.fullmatch(master)
    embedded = threads is not None
    own = cores if threads is None or threads[1] == "*" else int(threads[1] or 1)
    return Host(cores, memory_mb, runs, Grant(dpu_of(own, heap), own, heap), embedded)


def memory_of(text: str) -> int:
    """The MB of a memory as Java and Spark spell it, such as 2g or 512m. Raises InvalidInput."""
    found = _MEMORY.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidInput(what=f"memory {text!r}", why="it is a number with m, g or t, such as 2g.")
    return int(found[1]) * _IN_MB[found[2]]


def figures(size: Size | None, given: Grant) -> dict[str, float]:
    """Both as a run's figures."""
    told = {"dpu": given.dpu, "cores": float(given.cores), "memory_mb": float(given.memory_mb)}
    if size is not None:
        told |= {
            "asked_dpu": size.dpu,
            "asked_cores": float(size.cores),
            "asked_memory_mb": float(size.memory_mb),
        }
    return told


def granted(told: Mapping[str, float]) -> Grant | None:
    """What `figures` has told; None if it told nothing."""
    if "memory_mb" not in told:
        return None
    return Grant(told["dpu"], int(told["cores"]), int(told["memory_mb"]))


def sentence(size: Size | None, given: Grant) -> str:
    """What was asked and granted, for the first line of a run's log."""
    got = f"granted {given.cores} cores and {given.memory_mb:,} MB ({given.dpu:g} DPU)"
    if size is None:
        return f"the job names no size; {got}"
    return f"asked {size.words}: {size.cores} cores and {size.memory_mb:,} MB ({size.dpu:g} DPU); {got}"


def costs(told: Mapping[str, float], seconds: float, price: float | None) -> dict[str, float]:
    """The DPU-seconds, granted and asked, of a run that took so long; with a price of the DPU-hour, the money."""
    cost = {}
    if "dpu" in told:
        cost["dpu_seconds"] = round(told["dpu"] * seconds, 3)
        if price is not None:
            cost["cost"] = round(told["dpu"] * seconds / 3_600 * price, 6)
    if "asked_dpu" in told:
        cost["asked_dpu_seconds"] = round(told["asked_dpu"] * seconds, 3)
    return cost
