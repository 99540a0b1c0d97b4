"""How right crawls are, over a corpus of files with known truth; and that no file harms a crawl."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Database, Origin
from tests.corpus import delimited, hostile, json_files, packed, typed
from tests.corpus.case import Case
from tests.corpus.scoring import Score, score, shares

# The least share of files, in per cent, of which all columns must be right.
AIMS = {"parquet": 98.5, "orc": 98.5, "avro": 98.5, "json": 92.0, "csv": 85.0, "xml": 85.0}


def sound_cases() -> list[Case]:
    return list(chain(delimited.cases(), json_files.cases(), typed.cases(), packed.cases()))


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    engine = connect(sqlite_url(tmp_path_factory.mktemp("corpus") / "catalog.db"))
    opened = Catalog(engine, Origin("test"))
    opened.create_database(Database("lake"))
    yield opened
    engine.dispose()


@pytest.fixture(scope="module")
def scores(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> list[Score]:
    cases = sound_cases()
    assert len(cases) + len(list(hostile.cases())) >= 400
    return score(cases, tmp_path_factory.mktemp("corpus") / "lake", catalog)[0]


def test_formats_are_recognised(scores: list[Score]) -> None:
    wrong = [f"{each.case.name}: {each.format}" for each in scores if not each.format_is_right]
    assert len(wrong) <= 0.03 * len(scores), wrong


@pytest.mark.parametrize("format", sorted(AIMS))
def test_all_columns_are_right(scores: list[Score], format: str) -> None:
    files, _, right = shares(scores)[format]
    wrong = [
        f"{each.case.name}: {each.columns} instead of {each.case.columns}"
        for each in scores
        if each.case.format == format and not each.columns_are_right
    ]
    assert 100 * right / files >= AIMS[format], "\n".join(wrong)


def test_no_file_harms_a_crawl(tmp_path: Path) -> None:
    """In a process of its own, with a limit on its memory and its time; sound files beside keep their tables."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus.hostile_crawl", str(tmp_path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-4_000:]
