"""A class-data archive for Spark's Java: the classes that jobs use as Java has them in memory, so that none is parsed.

An archive is good for one Java, one list of jars and one set of flags; Java itself passes over one that is not its own,
and says nothing.

Usage: python -P -m engine.spark.archive FOLDER builds what FOLDER's request asks for, at lowest priority.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.running.leash import await_child
from engine.running.notes import read_note, write_whole
from engine.running.scripts import shim_folder
from engine.spark.java import Java

REQUEST, LOG = "request.json", "archive.log"
_LOWEST = 19
_OPTIONS = ("-XX:SharedArchiveFile=", "-XX:AOTCache=", "-Xshare:", "-Xlog:cds", "-Xlog:aot")
_MAPPED = ("Mapped dynamic region #0", "Opened AOT cache")
_REFUSED = ("Unmapping region #0", "An error has occurred")  # it is mapped first, and then compared


@dataclass(frozen=True)
class Archive:
    """Where the archive for `java` with these jars and flags lies, or would."""

    java: Java
    folder: Path

    @property
    def exists(self) -> bool:
        return self._file.exists()

    @property
    def _file(self) -> Path:
        return self.folder / ("app.aot" if self._ahead_of_time else "app.jsa")

    @property
    def _ahead_of_time(self) -> bool:
        """From Java 25 on the archive is a cache of what comes ahead of time, which stands by itself."""
        return self.java.version[0] >= 25

    @property
    def base(self) -> Path | None:
        """A small Java has no archive of its own classes, on which another could stand: then one has to be made."""
        own = self.java.command.resolve().parent.parent / "lib" / "server" / "classes.jsa"
        return None if self._ahead_of_time or own.exists() else self.folder / "base.jsa"

    def using(self, run: Path) -> list[str]:
        """Options of Java that use the archive, and tell in the `run`'s folder how that went; none if there is none."""
        if not self.exists:
            return []
        if self._ahead_of_time:
            return [f"-XX:AOTCache={self._file}", f"-Xlog:aot=info:file={run / LOG}"]
        files = [*([str(self.base)] if self.base else []), str(self._file)]
        return [f"-XX:SharedArchiveFile={':'.join(files)}", "-Xshare:auto", f"-Xlog:cds=info:file={run / LOG}"]

    def _training(self, file: Path) -> list[str]:
        """Options of Java that make the archive as `file` when it ends."""
        if self._ahead_of_time:
            return [f"-XX:AOTCacheOutput={file}"]
        base = [f"-XX:SharedArchiveFile={self.base}"] if self.base else []
        return [*base, f"-XX:ArchiveClassesAtExit={file}"]

    def prepare(self) -> Path:
        """The folder of the training run, made anew; the archive is made beside it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        training = self.folder / "training"
        (training / "work").mkdir(parents=True)
        return training

    def request(
        self, command: Sequence[str], environment: Mapping[str, str], warming: Callable[[Path], list[str]]
    ) -> list[str]:
        """Ask for the archive in a file: the command that makes it.

        `command` is that of the training run's Java, and `warming` the program to put it through, given its folder.
        """
        part, work = self.folder / "part", self.folder / "training" / "work"
        base = [command[0], "-XX:-UsePerfData", "-Xshare:dump", f"-XX:SharedArchiveFile={self.base}"]
        request = {
            "base": base if self.base else None,
            "java": [command[0], *self._training(part), *command[1:]],
            "warming": warming(work),
            "env": dict(environment),
            "cwd": str(work),
            "part": str(part),
            "whole": str(self._file),
        }
        write_whole(self.folder / REQUEST, request)
        return [sys.executable, "-P", "-m", "engine.spark.archive", str(self.folder)]


def archive_for(cache: Path, java: Java, path: Sequence[str], flags: Sequence[str]) -> Archive:
    """The archive of a Java started with this class path and these flags. Jars that come after `path` do no harm."""
    home = java.command.resolve().parent.parent
    parts = [java.name, *_facts(home / "lib" / "modules"), *_facts(home / "lib" / "server" / "libjvm.so"), *flags]
    for entry in path:
        folder = Path(entry[:-1])
        parts += [entry] if entry.endswith("*") else _facts(Path(entry))
        if entry.endswith("*") and folder.is_dir():  # in the folder's own order, which is Java's
            parts += [fact for name in os.listdir(folder) for fact in _facts(folder / name)]  # noqa: PTH208
    return Archive(java, cache / "java" / sha256("\0".join(parts).encode()).hexdigest()[:32])


def _facts(path: Path) -> list[str]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return [str(path)]
    return [str(path), str(found.st_size), str(found.st_mtime_ns)]


def is_option(word: str) -> bool:
    """Whether a word of Java's command is about the archive: with or without it, a Java does the same."""
    return word.startswith(_OPTIONS)


def was_used(run: Path) -> bool:
    """Whether the Java of the run in that folder took its classes from an archive."""
    try:
        told = (run / LOG).read_text(errors="replace")
    except FileNotFoundError:
        return False
    return any(words in told for words in _MAPPED) and not any(words in told for words in _REFUSED)


def warming_command(folder: Path) -> list[str]:
    """The program that puts a Java through what jobs do; it may write below `folder`."""
    return [sys.executable, "-P", str(shim_folder() / "isinglass_warming.py"), str(folder)]


def build(folder: Path) -> None:
    """Make the archive that is asked for, whole or not at all, and remove those that it replaces."""
    request: dict[str, Any] = read_note(folder / REQUEST) or {}
    (folder / REQUEST).unlink()  # keys of S3 may be in it
    with (folder / "build.log").open("ab") as told:

        def start(command: list[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command, stdin=stdin, stdout=told, stderr=told, cwd=request["cwd"], env=request["env"]
            )

        if request["base"] and await_child(start(request["base"])) != 0:
            sys.exit("Java has not made the archive of its own classes")
        java = start(request["java"], subprocess.PIPE)
        code = await_child(start(request["warming"]))
        assert java.stdin is not None  # noqa: S101 — it is a pipe
        java.stdin.close()
        if await_child(java) != 0 or code != 0:
            sys.exit("the training run did not end well")
    shutil.rmtree(folder / "training")
    Path(request["part"]).replace(request["whole"])
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


if __name__ == "__main__":
    os.nice(_LOWEST)
    build(Path(sys.argv[1]))
