"""The life of a job run: lays out its folder, starts its supervisor, follows it, and reads how it ended."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

from catalog.errors import InvalidInput
from crawlers.places.model import reason
from engine.errors import RunFolderUnusable
from engine.jobs.arguments import demand_supported, variables
from engine.jobs.job_files import JobFiles, bring, lay_out_script
from engine.jobs.job_rules import of_known_command
from engine.jobs.layers import FAILURE, LayerRequest, layer_command, modules_of
from engine.jobs.sizing import asked, granted, sentence
from engine.model import Job, JobSpec, Outcome, Run, timeout_of
from engine.running.executors import Equip
from engine.running.logs import ERROR_LOG
from engine.running.notes import read_note, write_whole
from engine.running.own_glue import own_glue
from engine.running.processes import alive, end_session, end_session_of, from_this_boot, pid_of
from engine.running.progress import RUNNING, read_progress
from engine.running.scripts import (
    ARGUMENTS,
    RUN_NOTE,
    ScriptRun,
    mark_of,
    script_arguments,
    script_command,
    temporary_folder,
)
from engine.running.supervisor import (
    ABANDONED,
    EXIT,
    LAUNCH,
    STOPPED,
    SUPERVISOR,
    TIMED_OUT,
    start_supervisor,
    withdraw,
)
from engine.spark.archive import LOG as ARCHIVE_LOG
from engine.spark.archive import was_used
from engine.spark.spark import PROPERTIES
from engine.spark.spark_ends import settle_spark
from engine.states import RunState

POLL_SECONDS = 0.1
LOST = "lost"
LOG_LIMIT = 100_000_000

log = structlog.get_logger()

Start = Callable[[Path, Mapping[str, Any]], subprocess.Popen[bytes]]


class JobRuns:
    """Job runs, each in a folder and a process session of its own.

    `home` is the folder of what runs share, and `endpoint` the address that their processes call, with the token that
    `give_token` makes for a run. Of each of a run's logs `log_limit` bytes are kept. `start` starts a
    run's supervisor: it is given the run's folder, and what its launch.json says. `glue` is where scripts' own clients
    of Glue may call with any keys; None if nowhere.
    """

    def __init__(
        self,
        folder: Path,
        home: Path,
        endpoint: str,
        give_token: Callable[[str], str],
        executors: Mapping[str, Equip],
        log_limit: int = LOG_LIMIT,
        start: Start = start_supervisor,
        glue: str | None = None,
    ) -> None:
        self.folder = folder
        self.home = home
        self.endpoint = endpoint
        self.give_token = give_token
        self.executors = executors
        self.log_limit = log_limit
        self.start = start
        self.glue = glue

    def execute(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        spec = msgspec.json.decode(run.spec, type=JobSpec)
        folder = self.folder / run.id
        with _usable(run.id, folder):
            supervisor = self.start(folder, self._lay_out(folder, run, spec))
        return self._follow(run, stopping, begun, supervisor)

    def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        """Go on with a run whose owner has died; `run` has that owner still, by which what never began here is told."""
        folder = self.folder / run.id
        if run.owner is not None and from_this_boot(run.owner):
            folder.mkdir(parents=True, exist_ok=True)
        if not (folder / EXIT).exists() and withdraw(folder):
            log.info("run is begun again: its service died before a supervisor had it", run=run.id)
            return self.execute(run, stopping, begun)
        if self.goes_on(run):
            known = read_note(folder / RUN_NOTE)
            if known is not None:  # its token stays good; only the address may be another
                write_whole(folder / RUN_NOTE, {**known, "endpoint": self.endpoint})
        elif not (folder / EXIT).exists():
            _give_up(folder)
        return self._follow(run, stopping, begun, None)

    def goes_on(self, run: Run) -> bool:
        known = read_note(self.folder / run.id / SUPERVISOR)
        return known is not None and alive(known["process"])

    def _lay_out(self, folder: Path, run: Run, spec: JobSpec) -> dict[str, Any]:
        job, arguments, work = spec.job.name, spec.arguments, folder / "work"
        of_known_command(spec.job)
        demand_supported(job, arguments)
        shutil.rmtree(work, ignore_errors=True)  # of a service that died while it laid this out
        work.mkdir(parents=True)
        temporary = temporary_folder(job, self.home)
        temporary.mkdir(parents=True, exist_ok=True)
        script = lay_out_script(spec.job, arguments, folder / "script")
        files = bring(job, arguments, work)
        layer = self._layer(job, arguments, files, folder)
        modules = (*files.python_path, *([modules_of(layer.layer)] if layer else []))
        size, given = asked(spec), granted(run.figures)
        equipment = self.executors[spec.job.command](
            ScriptRun(spec, run.id, folder, files, modules, given if size else None)
        )
        launch = {
            "before": [layer_command(layer, work / ".job" / "layer.json")] if layer else [],
            "java": equipment.java,
            "warm": equipment.warm,
            "python": script_command(equipment.driver, script),
            "env": equipment.environment,
            "python_env": own_glue(self.glue) | variables(job, arguments, "--customer-driver-env-vars"),
            "cwd": str(work),
            "timeout_seconds": _timeout_seconds(spec.job),
            "log_limit": self.log_limit,
            "mark": os.fsdecode(mark_of(folder / RUN_NOTE)),
        }
        remarks = (*([sentence(size, given)] if given else []), *equipment.remarks)
        if remarks:
            with (folder / ERROR_LOG).open("a") as log:
                log.writelines(f"isinglass: {remark}\n" for remark in remarks)
        contact = {
            "endpoint": self.endpoint,
            "token": self.give_token(run.id),
            "run_id": run.id,
            "job_name": spec.job.name,
            "bookmark": spec.bookmark,
        }
        write_whole(folder / RUN_NOTE, contact)
        write_whole(folder / ARGUMENTS, script_arguments(spec, run.id, f"{temporary}/"))
        write_whole(folder / LAUNCH, launch)
        return launch

    def _layer(self, job: str, arguments: Mapping[str, str], files: JobFiles, folder: Path) -> LayerRequest | None:
        if not files.modules:
            return None
        name = "--python-modules-installer-option"
        try:
            options = shlex.split(arguments.get(name, ""))
        except ValueError as error:
            raise InvalidInput(what=f"{name} of job {job}", why="a quotation mark in it is not closed.") from error
        (folder / "work" / ".job").mkdir(exist_ok=True)
        return LayerRequest(str(self.home / "layers"), files.modules, tuple(options), str(folder / FAILURE))

    def _follow(
        self,
        run: Run,
        stopping: Callable[[], bool],
        begun: Callable[[], None],
        supervisor: subprocess.Popen[bytes] | None,
    ) -> Outcome:
        folder = self.folder / run.id
        try:
            ended = self._await_end(folder, stopping, begun, supervisor)
        except Exception:
            # A fault of ours ends the run, and a worker elsewhere that has taken it cannot see its processes.
            _give_up(folder)
            _bury(supervisor)
            raise
        _bury(supervisor)
        spec = msgspec.json.decode(run.spec, type=JobSpec)
        figures = settle_spark(folder, spec, run.queued_at, self.log_limit)
        outcome = _outcome(ended, folder, figures)
        if (folder / ARCHIVE_LOG).exists():
            log.info("run's Java had an archive of its classes", run=run.id, used=was_used(folder))
        _clear(folder)
        return outcome

    def _await_end(
        self,
        folder: Path,
        stopping: Callable[[], bool],
        begun: Callable[[], None],
        supervisor: subprocess.Popen[bytes] | None,
    ) -> Mapping[str, Any]:
        told = asked = False
        looked = 0.0
        while True:
            ended = read_note(folder / EXIT)
            if not told and read_progress(self.folder, folder.name).phase == RUNNING:
                begun()
                told = True
            if ended is not None:
                return ended
            if time.monotonic() - looked > 0.5:
                looked = time.monotonic()
                known = read_note(folder / SUPERVISOR)
                gone = (
                    not alive(known["process"]) if known else supervisor is not None and supervisor.poll() is not None
                )
                if stopping() and known is not None and not (asked or gone):  # its number may be another's then
                    with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                        os.kill(pid_of(known["process"]), signal.SIGTERM)
                    asked = True
                if gone:
                    return read_note(folder / EXIT) or _give_up(folder, supervisor)
            time.sleep(POLL_SECONDS)


def _timeout_seconds(job: Job) -> float | None:
    minutes = timeout_of(job)
    return None if minutes is None else minutes * 60.0


@contextlib.contextmanager
def _usable(run_id: str, folder: Path) -> Iterator[None]:
    """Raises RunFolderUnusable for what the operating system refuses."""
    try:
        yield
    except OSError as error:
        raise RunFolderUnusable(run=run_id, path=folder, why=reason(error)) from error


def _outcome(ended: Mapping[str, Any], folder: Path, figures: dict[str, float]) -> Outcome:
    endings = {
        STOPPED: Outcome(RunState.STOPPED, "stopped on request", figures),
        TIMED_OUT: Outcome(RunState.TIMEOUT, "it ran longer than the job's timeout", figures),
        ABANDONED: Outcome(RunState.FAILED, "its service had gone, and no other took it up", figures),
        LOST: Outcome(RunState.FAILED, "its process was lost: it was killed, or the machine went down", figures),
    }
    if ended["reason"] == LOST and (ended["code"] or 0) > 0:
        told = f"its supervisor ended with code {ended['code']}; see the error log"
        return Outcome(RunState.FAILED, told, figures)
    if ended["reason"] in endings:
        return endings[ended["reason"]]
    if ended["code"] == 0:
        return Outcome(RunState.SUCCEEDED, None, figures)
    return Outcome(RunState.FAILED, _cause(ended, folder), figures)


def _cause(ended: Mapping[str, Any], folder: Path) -> str:
    short = "; the system ran out of memory meanwhile" if ended.get("out_of_memory") else ""
    if ended.get("java") is not None:
        return f"Spark's Java {_ending(ended['java'])} before the script did{short}; see the error log"
    noted = read_note(folder / FAILURE) or {}
    return noted.get("cause") or f"its process {_ending(ended['code'])}{short}; see the error log"


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


def _clear(folder: Path) -> None:
    """Take away what only the run's processes needed; its token, and the script's secrets, may be in it."""
    for name in (RUN_NOTE, ARGUMENTS, LAUNCH, PROPERTIES, f".{FAILURE}"):
        with contextlib.suppress(OSError):  # a folder that has become read-only must not cost the run its end
            (folder / name).unlink()
    shutil.rmtree(folder / "work", ignore_errors=True)


def _bury(supervisor: subprocess.Popen[bytes] | None) -> None:
    """Take a dead child's place out of the system's table; an adopted run's supervisor is no child of ours."""
    if supervisor is not None:
        supervisor.wait()


def _give_up(folder: Path, supervisor: subprocess.Popen[bytes] | None = None) -> Mapping[str, Any]:
    """Note that the run is lost, and end what is left of it: the note, with the code of a supervisor that gave up.

    The note comes first: a supervisor that is only now beginning sees it and does not begin.
    """
    lost: dict[str, Any] = {"code": supervisor.poll() if supervisor else None, "reason": LOST}
    with contextlib.suppress(OSError):  # where no note can be written, no supervisor begins either
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / EXIT, lost)
    known, mark = read_note(folder / SUPERVISOR), mark_of(folder / RUN_NOTE)
    if known is not None:
        for each in known.get("marks", [os.fsdecode(mark)]):
            end_session_of(known["process"], os.fsencode(each))
    else:
        end_session(None, mark=mark)
    return lost
