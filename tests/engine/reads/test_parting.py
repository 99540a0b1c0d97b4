"""A stop that is told to whoever the script waits for, before it is raised in the script itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.running.scripts import shim_folder

# What stands for Spark is an Event that the script waits on; `parting` ends that wait, or does not.
PROGRAM = """
import os, signal, sys, threading
from pathlib import Path
sys.path.insert(0, {shim!r})
import isinglass_script
waiting = threading.Event()

def part():
    if {ends}:
        waiting.set()
    return {ends}

isinglass_script.waiting = waiting
isinglass_script.PARTING_SECONDS = {patience}
isinglass_script.run_script(sys.argv[1], Path({folder!r}), afterwards=lambda: print("afterwards"), parting=part)
"""
SCRIPT = """
import os, signal, time
from isinglass_script import waiting
try:
    os.kill(os.getpid(), signal.SIGTERM)
    waiting.wait(60)
    print("went on")
    {then}
finally:
    print("closed")
"""


@pytest.mark.parametrize(
    ("ends", "then", "patience", "printed", "code"),
    [
        (True, "pass", 60, ["went on", "closed", "afterwards"], 0),
        (True, "time.sleep(60)", 0.1, ["went on", "closed", "afterwards"], 143),
        (False, "pass", 60, ["closed", "afterwards"], 143),
    ],
)
def test_a_script_ends_by_itself_if_it_can(
    tmp_path: Path, ends: bool, then: str, patience: float, printed: list[str], code: int
) -> None:
    script = tmp_path / "stream.py"
    script.write_text(SCRIPT.format(then=then))
    program = PROGRAM.format(shim=str(shim_folder()), folder=str(tmp_path), ends=ends, patience=patience)
    done = subprocess.run([sys.executable, "-c", program, str(script)], capture_output=True, text=True, timeout=50)
    assert (done.stdout.splitlines(), done.returncode) == (printed, code), done.stderr
    assert not (tmp_path / "failure.json").exists()
