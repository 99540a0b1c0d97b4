"""A team's own pytest suite, which patches the library's classes, passes with the shim folder on the path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.engine.shim.conftest import SHIM

SUITE = Path(__file__).parent / "suite"


def test_a_suite_that_patches_readers_and_the_context_passes_without_a_service(tmp_path: Path) -> None:
    for text in SUITE.glob("*.txt"):
        shutil.copy(text, tmp_path / text.stem)
    set_here = ("ISINGLASS_", "PYSPARK_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(set_here)}
    elsewhere = [
        folder for folder in environment["PATH"].split(os.pathsep) if folder != str(Path(sys.executable).parent)
    ]
    environment["PATH"] = os.pathsep.join(elsewhere)  # as where an editor runs pytest
    environment["PYTHONPATH"] = os.pathsep.join([str(SHIM), str(tmp_path)])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={tmp_path}",
    ]
    done = subprocess.run(
        [*command, "--import-mode=importlib", "suite_of_a_job.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
