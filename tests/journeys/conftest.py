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
