"""`isinglass job stages` and `job executors`: what the parts of a run did, out of Spark's event log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def show_stages(run_id: RunId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show the stages of a run's Spark, of very many the newest; also while it runs."""
    found = core_of(home).engine.measured(run_id).stages
    cells = [
        (
            f"{each.id}.{each.attempt}" if each.attempt else each.id,
            each.name,
            _tasks(each.figures, each.tasks),
            each.seconds,
            *_work(each.figures),
            (each.failure or "").partition("\n")[0],
        )
        for each in found
    ]
    headings = ["stage", "name", "tasks", "seconds", "rows in", "rows out", "shuffled in", "shuffled out", "failure"]
    Output(output).rows(found, headings, cells)


def show_executors(run_id: RunId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show the executors of a run's Spark and what each did; on one machine that is the driver alone."""
    found = core_of(home).engine.measured(run_id).executors
    cells = [
        (
            *(each.id, each.host, each.cores, each.added_at, each.removed_at, _tasks(each.figures)),
            *(each.figures["cpu_seconds"], each.figures["gc_seconds"], _bytes(each.figures["peak_heap_bytes"])),
            *(*_work(each.figures), each.removal or ""),
        )
        for each in found
    ]
    headings = ["executor", "host", "cores", "from", "to", "tasks", "CPU s", "GC s", "peak heap", "rows in", "rows out"]
    Output(output).rows(found, [*headings, "shuffled in", "shuffled out", "why it went"], cells)


def figure_lines(figures: Mapping[str, float]) -> list[str]:
    """What a run measured, for people; nothing of a run without Spark but how long it took to begin."""
    lines = []
    if "rows_read" in figures:
        rows_in, rows_out, _, shuffled = _work(figures)
        spilled = f", spilled {_bytes(figures['spilled_bytes'])}" if figures.get("spilled_bytes") else ""
        lines.append(f"rows in {rows_in}, rows out {rows_out}, shuffled {shuffled}{spilled}")
        peak = f", peak heap {_bytes(figures['peak_heap_bytes'])}" if figures.get("peak_heap_bytes") else ""
        cpu, gc = figures.get("cpu_seconds", 0), figures.get("gc_seconds", 0)
        stages = f"{figures.get('stages', 0):,.0f} stages, tasks: {_tasks(figures)}"
        lines.append(f"{stages}, {cpu:,.1f} s CPU, {gc:,.1f} s GC{peak}")
    if "start_seconds" in figures:
        job = figures.get("first_job_seconds")
        then = "" if job is None else f", its first Spark job after {job:,.1f} s"
        lines.append(f"its script began after {figures['start_seconds']:,.1f} s{then}")
    return lines


def _tasks(figures: Mapping[str, float], of: int | None = None) -> str:
    failed = f", {figures['failed_tasks']:,.0f} failed" if figures.get("failed_tasks") else ""
    done = figures.get("tasks", 0)
    return (f"{done:,.0f}" if of is None or of == done else f"{done:,.0f} of {of:,}") + failed


def _work(figures: Mapping[str, float]) -> tuple[str, str, str, str]:
    rows = (f"{figures.get(name, 0):,.0f}" for name in ("rows_read", "rows_written"))
    shuffled = (_bytes(figures.get(name, 0)) for name in ("shuffle_bytes_read", "shuffle_bytes_written"))
    return (*rows, *shuffled)  # type: ignore[return-value]


def _bytes(count: float) -> str:
    unit = 0
    while count >= 1_000 and unit < len(_UNITS) - 1:
        count, unit = count / 1_000, unit + 1
    return f"{count:,.0f} B" if unit == 0 else f"{count:,.1f} {_UNITS[unit]}"
