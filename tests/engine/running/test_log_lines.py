"""Lines of a run's log in pages: forward while it grows, and backward from its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.running import log_lines, logs
from engine.running.log_lines import Lines, lines_after, lines_before
from engine.running.logs import BoundedLog

TEXTS = st.lists(st.text(st.sampled_from("ab é\r"), max_size=6), max_size=12).map("\n".join)


def written(text: str, folder: Path) -> Path:
    path = folder / "output.log"
    path.write_text(text, newline="")
    return path


def texts(*pages: Lines) -> list[str]:
    return [line.text for page in pages for line in page.lines]


def forward(path: Path, most: int, ended: bool = True) -> list[Lines]:
    pages = [lines_after(path, 0, most, ended)]
    while pages[-1].lines:
        pages.append(lines_after(path, pages[-1].end, most, ended))
    return pages


def backward(path: Path, most: int) -> list[Lines]:
    pages = [lines_before(path, None, most, ended=True)]
    while pages[-1].begin:
        pages.append(lines_before(path, pages[-1].begin, most, ended=True))
    return pages[::-1]


@given(text=TEXTS, most=st.integers(1, 5))
def test_pages_in_both_directions_hold_each_line_once(
    text: str, most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(text, tmp_path_factory.mktemp("run"))
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    assert texts(*forward(path, most)) == texts(*backward(path, most)) == [line for line in lines if line]
    places = {line.at: line.text for page in forward(path, most) for line in page.lines}
    assert places == {line.at: line.text for page in backward(path, most) for line in page.lines}
    assert all(path.read_bytes()[at:].startswith(line.encode()) for at, line in places.items())


def test_what_is_longer_than_a_part_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "PART_BYTES", 8)
    path = written("one\ntwo and three and four\nfive\nsix\n", tmp_path)
    assert "".join(texts(*backward(path, 100))) == path.read_text()
    assert texts(backward(path, 100)[-1]) == ["six\n"]


def test_a_line_without_an_end_waits_for_the_runs_end(tmp_path: Path) -> None:
    path = written("first\nsec", tmp_path)
    page = lines_after(path, 0, 10, ended=False)
    assert (texts(page), page.end) == (["first\n"], 6)
    assert texts(lines_after(path, page.end, 10, ended=False)) == []
    assert texts(lines_before(path, None, 10, ended=False)) == ["first\n"]
    with path.open("a") as file:
        file.write("ond\n")
    assert texts(lines_after(path, page.end, 10, ended=False)) == ["second\n"]
    assert texts(lines_before(path, None, 1, ended=True)) == ["second\n"]


def test_what_was_left_out_is_passed_over_in_both_directions(tmp_path: Path) -> None:
    path = written("", tmp_path)
    bounded = BoundedLog(path, 1 << 16)
    with path.open("ab", buffering=0) as file:
        for number in range(60_000):
            file.write(f"line {number:07}\n".encode())
            if number % 1_000 == 0:
                bounded.shorten()
    assert path.stat().st_size > 2 * logs.PART_BYTES
    found, again = texts(*forward(path, 1_000)), texts(*backward(path, 1_000))
    assert found == again
    assert (found[0], found[-1]) == ("line 0000000\n", "line 0059999\n")
    assert sum("bytes are left out here" in line for line in found) >= 1
    assert len(found) < 10_000
