"""Having a run worked off and watching it: by the home's live service, or by this command itself."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.cli.output import Output
from api.core import Core
from catalog.errors import DomainError
from engine.model import JOB, Run
from engine.running.progress import RunProgress
from engine.states import RunState

POLL_SECONDS = 0.2
SERVICE_PATIENCE_SECONDS = 60.0
_ROWS = {"rows_read": "in", "rows_written": "out"}


class ServiceGone(DomainError):
    """The service has ended and run {run} is not finished; it goes on with the next service: isinglass serve"""


@contextmanager
def attended(core: Core, output: Output) -> Iterator[Callable[[Run], Run]]:
    """A function that sees a run through to its end and gives it back ended.

    A live service's worker takes the run. Where none lives, this command works it off, answering the run's own process
    on a free loopback port; runs that a dead process has left behind are put in order first.
    """
    if core.home.find_service() is not None:
        yield lambda run: watch(core, run, output, by_service=True)
        return
    from api import logs  # the whole service: slow to import, and not needed beside a live one
    from api.services import serving

    logs.configure(logging.WARNING)
    with serving(core, "127.0.0.1", 0, 0) as service:
        service.worker.settle()

        def see_through(run: Run) -> Run:
            working = threading.Thread(target=service.worker.work_off, args=(run.id,), daemon=True)
            working.start()
            try:
                ended = watch(core, run, output)
            except KeyboardInterrupt:
                output.errors.print("stopping the run …")
                core.engine.stop_run(run.id)
                ended = watch(core, run, output)
            working.join()
            return ended

        yield see_through


def watch(core: Core, run: Run, output: Output, by_service: bool = False) -> Run:
    """Show how far the run is until it has ended. Raises ServiceGone if a service works it off and stays away."""
    name = run.subject or "crawl"
    served_at = time.monotonic()
    ui = None
    with output.progress() as display:
        task = display.add_task(f"{name} {run.state.lower()}", total=None)
        while not run.finished:
            time.sleep(POLL_SECONDS)
            run = core.engine.get_run(run.id)
            if not by_service or core.home.find_service() is not None:
                served_at = time.monotonic()
            elif not run.finished and time.monotonic() - served_at > SERVICE_PATIENCE_SECONDS:
                raise ServiceGone(run=run.id)
            at = core.engine.progress(run.id)
            if at.ui not in (None, ui):
                ui = at.ui
                output.errors.print(f"Spark's UI: {ui}")
            words = f"{name} {run.state.lower()}" if run.state is not RunState.RUNNING else f"{name} {_words(run, at)}"
            display.update(task, description=words, completed=at.done, total=at.total or None)
    return run


def _words(run: Run, at: RunProgress) -> str:
    """What is being done, in a few words."""
    if run.kind == JOB:
        rows = [f"{at.figures[name]:,.0f} rows {words}" for name, words in _ROWS.items() if at.figures.get(name)]
        return ", ".join(["tasks" if at.total else "running", *rows])
    if not at.total:
        return f"lists files: {at.listed:,}" if at.listed else "running"
    left = "" if at.seconds_left is None else f", {at.seconds_left:,.0f} s left"
    return f"reads files, {at.rate:,.0f} a second{left}"
