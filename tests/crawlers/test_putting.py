"""Files of this machine copied into a folder elsewhere."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from crawlers.errors import FolderRefused
from crawlers.file_moves import put_files
from crawlers.places import open_place
from tests.object_store import Bucket


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "local-1 ä.zstd"
    path.write_bytes(b"events")
    return path


@pytest.mark.parametrize("spelled", ["{0}", "file://{0}", "file://{0}/"])
def test_a_folder_here_is_made_and_filled(log: Path, tmp_path: Path, spelled: str) -> None:
    goal = tmp_path / "logs of all"
    for _ in range(2):
        put_files([log], spelled.format(goal))
    assert {path.name: path.read_bytes() for path in goal.iterdir()} == {log.name: b"events"}


def test_a_folder_in_s3_is_filled(log: Path, bucket: Bucket) -> None:
    put_files([log], f"s3://{bucket.name}/logs")
    with open_place(f"s3://{bucket.name}/logs/").open(log.name) as found:
        assert found.read() == b"events"


def test_a_folder_of_another_scheme_is_filled(log: Path) -> None:
    put_files([log], "memory://logs/of all")
    assert fsspec.filesystem("memory").cat(f"/logs/of all/{log.name}") == b"events"


def test_a_folder_that_cannot_be_written_to_is_told(log: Path) -> None:
    with pytest.raises(FolderRefused, match="/dev/null/logs"):
        put_files([log], "/dev/null/logs")
    with pytest.raises(FolderRefused, match="s3://no-such"):
        put_files([log], "s3://no-such-bucket-anywhere/logs")
