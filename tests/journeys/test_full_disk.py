"""A disk that becomes full, or a folder that nobody may write: runs fail by name or go on, and nothing is restarted.

The service has a small disk of its own: a tmpfs in a mount namespace of its own, seen from here through /proc.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.installation import Installation, until

MEGABYTES = 16
FILLS = """
import sys
with open(sys.argv[sys.argv.index("--file") + 1], "wb", buffering=0) as file:
    while True:
        file.write(bytes(65536))
"""
WAITS = """
import os, sys, time
print("began")
while not os.path.exists(sys.argv[sys.argv.index("--file") + 1]):
    time.sleep(0.01)
print("ended")
"""
PREPARE = 'home=$1; shift; mkdir -p "$home"; mount -t tmpfs -o size={size}m tmpfs "$home"; exec "$@"'
RUN = "query ($run: String!) { run(runId: $run) { state detail ... on JobRun { log { text } } } }"
CREATE = "mutation ($input: CreateJobInput!) { createJob(input: $input) { userErrors { message } } }"
START = "mutation ($input: StartJobRunInput!) { startJobRun(input: $input) { run { runId } userErrors { code } } }"
_ROOT = os.geteuid() == 0


@dataclass
class SmallDisk:
    """A service whose home lies on a disk of its own. `home` is where it sees that, `seen` where we do."""

    process: subprocess.Popen[bytes]
    home: Path

    @property
    def seen(self) -> Path:
        return Path(f"/proc/{self.process.pid}/root{self.home}")

    def ask(self, document: str, **variables: object) -> Any:
        endpoint = json.loads((self.seen / "service.json").read_text())["endpoint"]
        answer = httpx.post(f"{endpoint}/graphql", json={"query": document, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def create(self, name: str, script: str, *arguments: str) -> None:
        given = [{"name": "--file", "value": each} for each in arguments]
        job = {"script": f"{name}.py", "scriptText": script, "command": "pythonshell", "defaultArguments": given}
        made = self.ask(CREATE, input={"name": name, "job": job})
        assert made["createJob"]["userErrors"] == []

    def start(self, job: str) -> str:
        started = self.ask(START, input={"jobName": job})["startJobRun"]
        assert started["userErrors"] == []
        return str(started["run"]["runId"])

    def await_run(self, run: str, ready: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.ask(RUN, run=run)["run"]
            return found if ready(found) else None

        return until(look, f"run {run} goes on", 40)

    def await_end(self, run: str) -> tuple[str, str | None]:
        found = self.await_run(run, lambda now: now["state"] in ("SUCCEEDED", "FAILED"))
        return found["state"], found["detail"]

    def inside(self, *command: object) -> None:
        """Run a command that sees what the service sees."""
        words = ["nsenter", "-t", str(self.process.pid), *([] if _ROOT else ["-U", "--preserve-credentials"]), "-m"]
        done = subprocess.run([*words, *map(str, command)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def disk(installation: Installation) -> Iterator[SmallDisk]:
    serve = installation.command("serve", "--port", 0, "--hive-port", 0)
    separate = ["unshare", *([] if _ROOT else ["--map-root-user"]), "--mount", "sh", "-ec"]
    with (installation.folder / "started.log").open("ab") as log:
        process = subprocess.Popen(
            [*separate, PREPARE.format(size=MEGABYTES), "sh", str(installation.home), *serve],
            env=installation.environment(),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    installation.started.append(process)
    found = SmallDisk(process, installation.home)

    def answering() -> bool:
        assert process.poll() is None, (installation.folder / "started.log").read_text()
        return (found.seen / "service.json").exists()

    until(answering, "the service answers", 60)
    yield found
    assert process.poll() is None, "the service has gone through all of it"


def test_a_script_that_fills_the_disk_fails_by_name_and_with_room_again_all_goes_on(disk: SmallDisk) -> None:
    filler = disk.home / "filler"
    disk.create("fills", FILLS, str(filler))
    disk.create("works", "print('works')")
    run = disk.start("fills")
    until(lambda: (disk.seen / "runs" / run / "exit.json").exists(), "its end is noted, on a disk that is full")
    refused = disk.ask(START, input={"jobName": "works"})["startJobRun"]
    assert refused["run"] is None or disk.await_end(refused["run"]["runId"])[0] == "FAILED"

    (disk.seen / "filler").unlink()
    detail = "OSError: [Errno 28] No space left on device (line 5 of the script)"
    assert disk.await_end(run) == ("FAILED", detail)
    assert disk.await_end(disk.start("works")) == ("SUCCEEDED", None)


def test_a_folder_of_runs_that_is_read_only_for_a_while_costs_no_run_that_goes_on(disk: SmallDisk) -> None:
    runs, sign = disk.home / "runs", disk.home / "sign"
    disk.create("waits", WAITS, str(sign))
    disk.create("works", "print('works')")
    run = disk.start("waits")
    disk.await_run(run, lambda now: bool(now["log"] and now["log"]["text"]))

    disk.inside("mount", "--bind", runs, runs)
    disk.inside("mount", "-o", "remount,bind,ro", runs)
    state, detail = disk.await_end(disk.start("works"))
    assert state == "FAILED"
    assert detail is not None
    assert "could not be laid out in" in detail
    assert ": Read-only file system. See to that place" in detail
    (disk.seen / "sign").touch()
    until(lambda: "ended" in (disk.seen / "runs" / run / "output.log").read_text(), "the other run goes on")

    disk.inside("umount", runs)
    assert disk.await_end(run) == ("SUCCEEDED", None)
    assert disk.await_end(disk.start("works")) == ("SUCCEEDED", None)
