"""Executing a job run: lays out its folder, starts its supervisor, follows it, and reads how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from catalog.errors import InvalidInput
from engine import metrics
from engine.arguments import demand_supported, is_on, variables
from engine.errors import LostRun
from engine.java import find_java
from engine.job_files import JobFiles, bring, lay_out_script
from engine.layers import FAILURE, LayerRequest, layer_command, modules_of
from engine.model import JobSpec, Outcome, Run
from engine.processes import alive, end_session_of, pid_of
from engine.progress import RUNNING, read_progress
from engine.run_conf import run_conf
from engine.spark import (
    PROPERTIES,
    SparkSettings,
    class_path,
    environment,
    java_command,
    python_command,
    temporary_folder,
)
from engine.states import RunState
from engine.supervisor import EXIT, LAUNCH, STOPPED, SUPERVISOR, TIMED_OUT, write_whole

POLL_SECONDS = 0.1
LOST = "lost"
CONTACT = "contact.json"
OUTPUT_LOG, ERROR_LOG = "output.log", "error.log"


class SparkJobs:
    """Job runs, each in a folder and a process session of its own.

    `endpoint` is the address that their processes call, with the token that `give_token` makes for a run.
    """

    def __init__(
        self,
        folder: Path,
        settings: SparkSettings,
        endpoint: str,
        give_token: Callable[[str], str],
        java_home: Path | None,
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.endpoint = endpoint
        self.give_token = give_token
        self.java_home = java_home

    def execute(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        spec = msgspec.json.decode(run.spec, type=JobSpec)
        folder = self.folder / run.id
        self._lay_out(folder, run, spec)
        with (folder / ERROR_LOG).open("ab") as errors:
            supervisor = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.supervisor", str(folder)],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        return self._follow(folder, stopping, begun, supervisor)

    def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        folder = self.folder / run.id
        if self.goes_on(run):
            known = _read(folder / CONTACT)
            if known is not None:  # its token stays good; only the address may be another
                write_whole(folder / CONTACT, {**known, "endpoint": self.endpoint})
        elif not (folder / EXIT).exists():
            _give_up(folder)
        return self._follow(folder, stopping, begun, None)

    def goes_on(self, run: Run) -> bool:
        known = _read(self.folder / run.id / SUPERVISOR)
        return known is not None and alive(known["process"])

    def _lay_out(self, folder: Path, run: Run, spec: JobSpec) -> None:
        job, arguments, work = spec.job.name, spec.arguments, folder / "work"
        demand_supported(job, arguments)
        java = find_java(self.java_home)
        (work / "spark").mkdir(parents=True, exist_ok=True)
        (folder / "events").mkdir(exist_ok=True)
        temporary = temporary_folder(job, self.settings.home)
        temporary.mkdir(parents=True, exist_ok=True)
        script = lay_out_script(spec.job, arguments, folder / "script")
        files = bring(job, arguments, work)
        found = run_conf(spec, run.id, folder, self.settings, files)
        layer = self._layer(job, arguments, files, folder)
        modules = (*files.python_path, *([modules_of(layer.layer)] if layer else []))
        path = class_path(self.settings, files, first=is_on(arguments, "--user-jars-first"))
        launch = {
            "before": [layer_command(layer, work / ".job" / "layer.json")] if layer else [],
            "java": java_command(java, found.conf, folder, path),
            "python": python_command(script, spec, run.id, f"{temporary}/"),
            "env": environment(folder / CONTACT, self.settings, modules, found.keys),
            "python_env": variables(job, arguments, "--customer-driver-env-vars"),
            "cwd": str(work),
            "timeout_seconds": spec.job.timeout_minutes * 60,
        }
        if found.remarks:
            with (folder / ERROR_LOG).open("a") as log:
                log.writelines(f"isinglass: {remark}\n" for remark in found.remarks)
        contact = {
            "endpoint": self.endpoint,
            "token": self.give_token(run.id),
            "run_id": run.id,
            "job_name": spec.job.name,
            "bookmark": spec.bookmark,
        }
        write_whole(folder / CONTACT, contact)
        write_whole(folder / LAUNCH, launch)

    def _layer(self, job: str, arguments: Mapping[str, str], files: JobFiles, folder: Path) -> LayerRequest | None:
        if not files.modules:
            return None
        name = "--python-modules-installer-option"
        try:
            options = shlex.split(arguments.get(name, ""))
        except ValueError as error:
            raise InvalidInput(what=f"{name} of job {job}", why="a quotation mark in it is not closed.") from error
        (folder / "work" / ".job").mkdir(exist_ok=True)
        return LayerRequest(str(self.settings.home / "layers"), files.modules, tuple(options), str(folder / FAILURE))

    def _follow(
        self,
        folder: Path,
        stopping: Callable[[], bool],
        begun: Callable[[], None],
        supervisor: subprocess.Popen[bytes] | None,
    ) -> Outcome:
        try:
            self._await_end(folder, stopping, begun, supervisor)
        except LostRun:  # another worker follows it now
            raise
        except Exception:
            _give_up(folder)  # a fault of ours ends the run, and then its processes must end, too
            _bury(supervisor)
            raise
        _bury(supervisor)
        return self._outcome(folder)

    def _await_end(
        self,
        folder: Path,
        stopping: Callable[[], bool],
        begun: Callable[[], None],
        supervisor: subprocess.Popen[bytes] | None,
    ) -> None:
        told = asked = False
        looked = 0.0
        while not (folder / EXIT).exists():
            if not told and read_progress(self.folder, folder.name).phase == RUNNING:
                begun()
                told = True
            if time.monotonic() - looked > 0.5:
                looked = time.monotonic()
                known = _read(folder / SUPERVISOR)
                if stopping() and known is not None and not asked:
                    with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                        os.kill(pid_of(known["process"]), signal.SIGTERM)
                    asked = True
                gone = (
                    not alive(known["process"]) if known else supervisor is not None and supervisor.poll() is not None
                )
                if gone and not (folder / EXIT).exists():
                    _give_up(folder)
            time.sleep(POLL_SECONDS)

    def _outcome(self, folder: Path) -> Outcome:
        ended = json.loads((folder / EXIT).read_text())
        figures = metrics.read_figures(folder / "events")
        (folder / CONTACT).unlink(missing_ok=True)
        (folder / LAUNCH).unlink(missing_ok=True)
        (folder / PROPERTIES).unlink(missing_ok=True)  # it may hold the script's secrets
        shutil.rmtree(folder / "work", ignore_errors=True)
        endings = {
            STOPPED: Outcome(RunState.STOPPED, "stopped on request", figures),
            TIMED_OUT: Outcome(RunState.TIMEOUT, "it ran longer than the job's timeout", figures),
            LOST: Outcome(RunState.FAILED, "its process was lost: it was killed, or the machine went down", figures),
        }
        if ended["reason"] in endings:
            return endings[ended["reason"]]
        if ended["code"] == 0:
            return Outcome(RunState.SUCCEEDED, None, figures)
        if ended.get("java") is not None:
            cause = f"Spark's Java {_ending(ended['java'])} before the script did; see the error log"
        else:
            noted = _read(folder / FAILURE) or {}
            cause = noted.get("cause") or f"its process {_ending(ended['code'])}; see the error log"
        return Outcome(RunState.FAILED, cause, figures)


def _bury(supervisor: subprocess.Popen[bytes] | None) -> None:
    """Take a dead child's place out of the system's table; an adopted run's supervisor is no child of ours."""
    if supervisor is not None:
        supervisor.wait()


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


def _give_up(folder: Path) -> None:
    """Note that the run is lost, and end what is left of it.

    The note comes first: a supervisor that is only now beginning sees it and does not begin.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / EXIT, {"code": None, "reason": LOST})
    known = _read(folder / SUPERVISOR)
    if known is not None:
        end_session_of(known["process"])


def _read(path: Path) -> dict[str, Any] | None:
    """The JSON object in `path`; None while it is not there."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return found
