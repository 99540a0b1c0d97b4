"""Folders are made, moved and deleted on disks and in stores of other schemes."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from crawlers.errors import FolderRefused
from crawlers.folders import delete_empty_folder, delete_folder, make_folder, move_folder


def test_a_folder_is_made_with_those_above_it_and_its_name_is_never_decoded(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(f"file:{tmp_path}/w/s=a%2Fb c")
    assert [path.name for path in (tmp_path / "w").iterdir()] == ["s=a%2Fb c"]


def test_a_folder_is_not_made_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderRefused, match="cannot be made"):
        make_folder(f"{tmp_path}/file/t")


def test_a_folder_is_deleted_with_all_in_it_but_not_with_what_links_lead_to(tmp_path: Path) -> None:
    (tmp_path / "t/p=1").mkdir(parents=True)
    (tmp_path / "else").mkdir()
    (tmp_path / "else/kept").touch()
    (tmp_path / "t/link").symlink_to(tmp_path / "else")
    for _ in range(2):
        delete_folder(f"file://{tmp_path}/t/")
    assert [path.name for path in tmp_path.rglob("*")] == ["else", "kept"]


def test_only_an_empty_folder_is_deleted_as_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "d/t").mkdir(parents=True)
    delete_empty_folder(f"{tmp_path}/d")
    assert (tmp_path / "d/t").is_dir()
    for _ in range(2):
        delete_empty_folder(f"{tmp_path}/d/t")
    assert not (tmp_path / "d/t").exists()


def test_a_folder_moves_once_however_often_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").touch()
    for _ in range(2):
        move_folder(f"{tmp_path}/a", f"file:{tmp_path}/d.db/b")
    assert (tmp_path / "d.db/b/file").exists()
    assert not (tmp_path / "a").exists()


def test_a_folder_does_not_move_to_where_something_lies(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    with pytest.raises(FolderRefused, match="cannot be moved"):
        move_folder(f"{tmp_path}/a", f"{tmp_path}/b")
    assert (tmp_path / "a/file").exists()


def test_what_lies_in_another_store_moves_file_by_file_and_is_deleted() -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/t/p=1/file", b"x")
    store.pipe("/bucket/other/file", b"y")
    with pytest.raises(FolderRefused, match="something lies at"):
        move_folder("memory://bucket/t", "memory://bucket/other")
    for _ in range(2):
        move_folder("memory://bucket/t", "memory://bucket/u")
    assert store.find("/bucket") == ["/bucket/other/file", "/bucket/u/p=1/file"]
    for _ in range(2):
        delete_folder("memory://bucket/u")
    delete_folder("memory://bucket/other")
    assert store.find("/bucket") == []


def test_a_scheme_that_no_driver_knows_is_refused_by_name() -> None:
    with pytest.raises(FolderRefused, match="nowhere"):
        make_folder("nowhere://bucket/t")
