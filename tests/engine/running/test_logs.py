"""Logs of runs: kept within bounds while they are written, and read part by part while they grow."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.running import logs
from engine.running.logs import BoundedLog, LogPart, RunLog, find_log, list_logs, read_log
from tests.engine.running.job_bench import Bench

LIMIT = 1 << 16


def read_all(path: Path, whole_lines: bool = False, most: int = logs.PART_BYTES) -> str:
    texts: list[str] = []
    at = 0
    while True:
        part = read_log(path, at, whole_lines, most)
        if not part.text:
            return "".join(texts)
        texts.append(part.text)
        at = part.end


def line(number: int) -> str:
    return f"line {number:07} of many\n"


def write(path: Path, count: int, shorten: Callable[[], None] = lambda: None) -> None:
    with path.open("ab", buffering=0) as file:
        for number in range(count):
            file.write(line(number).encode())
            if number % 97 == 0:
                shorten()


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")), most=st.integers(8, 40))
def test_a_log_read_in_parts_is_the_log(text: str, most: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("run") / "output.log"
    path.write_text(text, newline="")
    assert read_all(path, most=most) == text


def test_a_line_that_has_no_end_yet_is_left_for_the_next_part(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_text("first\nsec")
    assert read_log(path, 0, whole_lines=True) == LogPart("first\n", 6)
    assert read_log(path, 6, whole_lines=True) == LogPart("", 6)
    with path.open("a") as file:
        file.write("ond\n")
    assert read_log(path, 6, whole_lines=True) == LogPart("second\n", 13)


def test_what_is_no_text_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_bytes(b"a\xffb\n")
    assert read_log(tmp_path / "output.log").text == "a\ufffdb\n"


def test_of_a_log_that_grows_too_long_the_beginning_and_the_end_are_kept_and_a_line_says_how_much_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "output.log"
    path.touch()
    bounded = BoundedLog(path, LIMIT)
    write(path, 20_000, bounded.shorten)
    size = path.stat().st_size
    assert size == 20_000 * len(line(0))
    assert path.stat().st_blocks * 512 <= LIMIT + 8192
    kept = read_all(path)
    assert len(kept) <= LIMIT + 4096
    lines = kept.splitlines(keepends=True)
    [told] = [at for at, each in enumerate(lines) if "left out" in each]
    assert lines[: told - 1] == [line(number) for number in range(told - 1)]
    left_out = int(lines[told].split()[1].replace(",", ""))
    assert lines[told] == (
        f"[isinglass: {left_out:,} bytes are left out here. A run's log keeps 65,536: ISINGLASS_RUN_LOG_LIMIT]\n"
    )
    after = lines[told + 2 :]  # the first line after it is half a line
    assert after == [line(number) for number in range(20_000 - len(after), 20_000)]
    assert len(after) * len(line(0)) > LIMIT // 4 - 4096
    assert size - left_out <= LIMIT


def test_who_follows_a_log_that_is_shortened_misses_nothing_that_came_after(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.touch()
    bounded, at, seen = BoundedLog(path, LIMIT), 0, ""

    def follow() -> None:
        nonlocal at, seen
        bounded.shorten()
        part = read_log(path, at, whole_lines=True)
        at, seen = part.end, seen + part.text

    write(path, 20_000, follow)
    follow()
    assert seen == "".join(map(line, range(20_000)))


def test_a_file_system_without_holes_keeps_the_beginning_and_what_came_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise OSError("no holes here")

    monkeypatch.setattr(logs, "_punch", refuse)
    path = tmp_path / "output.log"
    path.touch()
    bounded = BoundedLog(path, LIMIT)
    write(path, 20_000, bounded.shorten)
    assert path.stat().st_size <= LIMIT + 8192
    lines = read_all(path).splitlines()
    assert lines[0] == line(0).strip()
    assert lines[-1] == line(19_999).strip()
    assert sum("left out" in each for each in lines) == 1


def test_the_logs_of_executors_stand_beside_the_runs_own(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("out")
    (tmp_path / "error.log").write_text("")
    place = tmp_path / "executors" / "0"
    place.mkdir(parents=True)
    (place / "stderr").write_text("of an executor")
    assert list_logs(tmp_path) == [RunLog("output", 3), RunLog("error", 0), RunLog("executors/0/stderr", 14)]
    assert find_log(tmp_path, "executors/0/stderr") == place / "stderr"
    for name in ("../x", "executors/../output.log", "contact.json", ""):
        assert find_log(tmp_path, name) is None


def test_a_script_that_prints_without_end_does_not_fill_the_disk(tmp_path: Path) -> None:
    bench = Bench(tmp_path, log_limit=LIMIT)
    script = "import sys\nfor number in range(300_000):\n    print('x' * 99)\nprint('the end', file=sys.stderr)"
    bench.execute(bench.run(script))
    log = bench.path("output.log")
    assert log.stat().st_size == 30_000_000
    assert log.stat().st_blocks * 512 <= LIMIT + 8192
    assert bench.errors() == "the end\n"
    kept = read_all(log).splitlines()
    assert (kept[0], kept[-1]) == ("x" * 99, "x" * 99)
    assert sum("left out" in each for each in kept) == 1
    bench.close()


def test_a_hole_that_reaches_to_the_end_is_passed(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_text("begin\n")
    os.truncate(path, 1 << 20)
    parts = [read_log(path, 0), read_log(path, 4096)]
    assert parts == [LogPart("begin\n", parts[0].end), LogPart("", 1 << 20)]
    assert all(first.end <= second.end for first, second in pairwise(parts))
