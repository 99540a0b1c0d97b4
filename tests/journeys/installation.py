"""An installation as a user has it: a home, a lake beside it, the command line, and the service as a process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin
from engine.engine import Engine
from engine.model import Run
from engine.running.processes import end_session_of, session_members
from engine.running.progress import RUNNING, read_progress

COMMAND = Path(sys.executable).with_name("isinglass")
SAMPLES = Path(__file__).parents[2] / "samples"
PATIENCE_SECONDS = 120.0

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str, patience_seconds: float = PATIENCE_SECONDS) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + patience_seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_seconds:.0f} s in vain: {what}")
        time.sleep(0.02)


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@dataclass
class Service:
    """A running `isinglass serve`."""

    process: subprocess.Popen[bytes]
    endpoint: str
    identity: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)

    def ask(self, document: str, **variables: object) -> Any:
        body = {"query": document, "variables": variables}
        answer = httpx.post(f"{self.endpoint}/graphql", json=body, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]


@dataclass
class Installation:
    """`folder` holds the home, the lake, what jobs write, and the service's log."""

    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stores: list[Any] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def lay_out_lake(self) -> None:
        shutil.copytree(SAMPLES / "lake", self.lake, copy_function=shutil.copyfile)

    def let_it_grow(self) -> None:
        shutil.copytree(SAMPLES / "grows", self.lake, dirs_exist_ok=True, copy_function=shutil.copyfile)

    # the command line

    def command(self, *words: object) -> list[str]:
        return [str(COMMAND), *map(str, words), "--home", str(self.home)]

    def environment(self, **settings: object) -> dict[str, str]:
        """This process's environment without Isinglass's settings, and with `settings`. A small Spark is enough.

        No Java is kept warm and no archive built, unless asked for: that would cost each test more than it gives.
        """
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ISINGLASS_")}
        given = {"spark_master": "local[2]", "driver_memory": "1g", "warm_jvms": 0, "java_archive": False, **settings}
        return inherited | {f"ISINGLASS_{name.upper()}": str(value) for name, value in given.items()}

    def try_(self, *words: object, **settings: object) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, however that is."""
        return subprocess.run(
            self.command(*words), env=self.environment(**settings), capture_output=True, text=True, timeout=200
        )

    def run(self, *words: object) -> str:
        """Run a command that is to succeed; what it printed."""
        done = self.try_(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *words: object) -> Any:
        return json.loads(self.run(*words, "--output", "json"))

    def refusal(self, *words: object, **settings: object) -> str:
        """Run a command that is to be refused: the one line on standard error."""
        done = self.try_(*words, **settings)
        assert done.returncode == 1, (done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        [line] = lines_of(done.stderr)
        return line

    def start(self, *words: object, **settings: object) -> subprocess.Popen[bytes]:
        """Start a command beside the test; it is killed in the end, if it still runs."""
        with (self.folder / "started.log").open("ab") as log:
            process = subprocess.Popen(
                self.command(*words), env=self.environment(**settings), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self.started.append(process)
        return process

    # the service

    def serve(self, port: int = 0, **settings: object) -> Service:
        process = self.start("serve", "--port", port, "--hive-port", 0, **settings)

        def answering() -> Service | None:
            assert process.poll() is None, (self.folder / "started.log").read_text()
            note = self.home / "service.json"
            if not note.exists():
                return None
            known = json.loads(note.read_text())
            mine = known["process"].startswith(f"{process.pid}:")
            return Service(process, known["endpoint"], known["process"]) if mine else None

        return until(answering, "the service answers", 60)

    # the core, looked at from outside

    @property
    def engine(self) -> Engine:
        return Engine(self._store())

    @property
    def catalog(self) -> Catalog:
        return Catalog(self._store(), Origin("test"))

    def _store(self) -> Any:
        if not self.stores:
            self.home.mkdir(exist_ok=True)
            self.stores.append(connect(sqlite_url(self.home / "isinglass.db")))
        return self.stores[0]

    def put_in(self, job: str, **arguments: str) -> Run:
        """Put a run into the ledger; a service works it off."""
        return self.engine.start_job_run(job, {f"--{name}": value for name, value in arguments.items()})

    def await_script(self, run: Run) -> None:
        """Wait until a run's script has begun."""

        def begun() -> bool:
            now = self.engine.get_run(run.id)
            assert not now.finished, now.detail
            return read_progress(self.home / "runs", run.id).phase == RUNNING

        until(begun, "the script begins")

    def await_end(self, run: Run) -> Run:
        def ended() -> Run | None:
            now = self.engine.get_run(run.id)
            return now if now.finished else None

        return until(ended, "the run ends")

    def supervisor_of(self, run: Run) -> str:
        note = self.home / "runs" / run.id / "supervisor.json"
        return str(json.loads(note.read_text())["process"])

    def processes_of(self, run: Run) -> dict[int, str]:
        """The living processes that are of a run by their session, command or environment: number and command."""
        folder = os.fsencode(self.home / "runs" / run.id)
        note = Path(os.fsdecode(folder)) / "supervisor.json"
        members = session_members(int(self.supervisor_of(run).partition(":")[0])) if note.exists() else []
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                command, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            except OSError:  # it has ended, or is not ours
                continue
            if command and (int(entry.name) in members or folder in command or folder in environment):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        return found

    def kill_one(self, run: Run, sign: str) -> None:
        """Kill the process of a run whose command has `sign` in it."""
        [pid] = [pid for pid, command in self.processes_of(run).items() if sign in command]
        os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End all that was started here."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait(30)
        for note in self.home.glob("runs/*/supervisor.json"):
            end_session_of(json.loads(note.read_text())["process"])
        for store in self.stores:
            store.dispose()
