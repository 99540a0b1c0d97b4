"""A job's script as a process: the command that runs it, its environment, and what stands beside it."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from engine.jobs.job_files import JobFiles
from engine.jobs.sizing import Grant
from engine.model import JobSpec

RUN_FILE = "ISINGLASS_RUN_FILE"
RUN_NOTE, ARGUMENTS = "contact.json", "arguments.json"
_SHIM = Path(__file__).parents[1] / "shim"
_OWN = ("ISINGLASS_", "PGPASS")
_LONGEST = 200
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class ScriptRun:
    """A run whose script is laid out in `folder`, with the `files` that its arguments name.

    `modules` are folders and archives of Python modules that the script may import. `grant` is what it was given of
    the size that its job names; None if that names none.
    """

    spec: JobSpec
    run_id: str
    folder: Path
    files: JobFiles
    modules: tuple[Path, ...]
    grant: Grant | None = None


@dataclass(frozen=True)
class Equipment:
    """What a kind of job gives a run: `driver` is the program in the shim that runs the script, in `environment`.

    `java` is the command of Spark's Java, None for a script without Spark; a Java that is warm already may take its
    place if it is of the build that `warm` names. `remarks` are for the run's log.
    """

    driver: str
    environment: dict[str, str]
    java: list[str] | None = None
    remarks: tuple[str, ...] = ()
    warm: str | None = None


def script_command(driver: str, script: Path) -> list[str]:
    """The command that runs the script under `driver`; -P keeps the service's own folders off its path."""
    return [sys.executable, "-P", str(_SHIM / driver), str(script)]


def script_arguments(spec: JobSpec, run_id: str, temporary: str) -> list[str]:
    """The script's words. They go by a file: a command line is for all to see, and takes only so much."""
    ours = {"--JOB_NAME": spec.job.name, "--JOB_ID": spec.job.name, "--JOB_RUN_ID": run_id}
    arguments = {**ours, **spec.arguments, **ours}
    if not arguments.get("--TempDir"):
        arguments["--TempDir"] = temporary
    return [word for name, value in arguments.items() for word in (name, value)]


def script_environment(run_file: Path, modules: Sequence[Path] = (), keys: Mapping[str, str] = _NONE) -> dict[str, str]:
    """This process's environment, less what is the service's own, its database's password too, with the `keys` of S3.

    `modules` are folders and archives of Python modules, which go before the user's own.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    path = [str(_SHIM), *map(str, modules), *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {RUN_FILE: str(run_file), "PYTHONPATH": os.pathsep.join(path), "TMPDIR": str(run_file.parent / "work")}
    return inherited | dict(keys) | ours


def mark_of(run_file: Path) -> bytes:
    """What the environment of a run's processes has and no other has: it finds those that left their session."""
    return os.fsencode(f"{RUN_FILE}={run_file}")


def temporary_folder(job: str, home: Path) -> Path:
    """Where a job's scripts put temporary files, if it names no TempDir; the same for all of its runs."""
    name = quote(job, safe=" ")
    short = name if len(name) <= _LONGEST else f"{name[:100]}-{sha256(job.encode()).hexdigest()[:16]}"
    return home / "temporary" / f"_{short}"  # whatever the name is: `..` is one, too


def shim_folder() -> Path:
    """The folder that holds `awsglue`; on PYTHONPATH it makes Glue scripts importable."""
    return _SHIM


def pack_modules(folder: Path, target: Path) -> Path:
    """The modules in `folder` as one archive, for Python workers that do not see this machine's files."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.py")):
            archive.write(path, path.relative_to(folder))
    return target
