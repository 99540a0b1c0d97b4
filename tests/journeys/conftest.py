"""An installation in a folder of its own; nothing that a test starts outlives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    found = Installation(tmp_path / "a folder with ä")
    found.folder.mkdir()
    yield found
    found.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for the tests of a module that do not disturb each other."""
    found = Installation(tmp_path_factory.mktemp("shared"))
    yield found
    found.close()
