"""Which files of a place are data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from catalog.errors import InvalidInput
from crawlers.errors import CrawlStopped, DriverMissing, PlaceFailing, PlaceNotFound, UnknownScheme
from crawlers.listing import compile_glob, is_hidden, list_files
from crawlers.places import open_place, shown


@pytest.mark.parametrize(
    ("pattern", "path", "excluded"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "b/a.csv", False),
        ("*.{csv,avro}", "a.avro", True),
        ("*.{csv,avro}", "a.json", False),
        ("foo.?", "foo.a", True),
        ("foo.?", "foo.ab", False),
        ("myfolder/*", "myfolder/a", True),
        ("myfolder/*", "myfolder/a/b", False),
        ("myfolder/**", "myfolder/a/b", True),
        ("myfolder**", "myfolder", True),
        ("myfolder**", "myfolder/a.txt", True),
        ("**/x.csv", "a/b/x.csv", True),
        ("[a-c]?", "b1", True),
        ("[!a-c]?", "b1", False),
        ("[!a-c]?", "d1", True),
        ("[!a]b", "/b", False),
        (r"\*", "*", True),
        (r"\*", "a", False),
        (".*", ".hidden", True),
        ("a.b", "axb", False),
        # All days of 2015 but the first week of January, as Glue's documentation has it.
        ("2015/01/{[!0],0[8-9]}**", "2015/01/07/a.csv", False),
        ("2015/01/{[!0],0[8-9]}**", "2015/01/08/a.csv", True),
        ("2015/01/{[!0],0[8-9]}**", "2015/01/31/a.csv", True),
        ("2015/0[2-9]/**", "2015/03/01/a.csv", True),
        ("2015/1[0-2]/**", "2015/12/01/a.csv", True),
        ("2015/1[0-2]/**", "2015/01/01/a.csv", False),
        ("departments/market*", "departments/market-us.json", True),
        ("departments/market*", "departments/finance.json", False),
        ("departments/market*", "departments/market/us.json", False),
    ],
)
def test_exclusions_mean_what_glue_documents(pattern: str, path: str, excluded: bool) -> None:
    assert bool(compile_glob(pattern).fullmatch(path)) is excluded


@pytest.mark.parametrize("pattern", ["a[b", "{a,b", "[!"])
def test_a_bracket_left_open_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="not closed"):
        compile_glob(pattern)


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("_SUCCESS", True),
        (".crc", True),
        ("_temporary", True),
        ("0_$folder$", True),
        ("_year=2024", False),
        ("part_0.csv", False),
    ],
)
def test_names_that_spark_does_not_see_are_hidden(name: str, hidden: bool) -> None:
    assert is_hidden(name) is hidden


def test_hidden_empty_and_excluded_files_are_told_apart_from_data(tmp_path: Path) -> None:
    for name, text in {
        "a.csv": "1",
        "empty.csv": "",
        "_SUCCESS": "x",
        "b.log": "x",
        "_temporary/0/part": "x",
        "k=v/c.csv": "xy",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    listed = {folder.path: folder for folder in list_files(open_place(str(tmp_path)), ("*.log",))}
    assert set(listed) == {(), ("k=v",)}
    assert [file.name for file in listed[()].files] == ["a.csv"]
    assert {name: reason.split()[-2] for name, reason in listed[()].skipped} == {
        "empty.csv": "is",
        "_SUCCESS": "folder",
        "b.log": "matches",
    }
    assert listed[("k=v",)].files[0].size == 2


def test_links_that_go_round_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "a.csv").write_text("1")
    (tmp_path / "one" / "up").symlink_to(tmp_path)
    (tmp_path / "one" / "across").symlink_to(tmp_path / "two")
    (tmp_path / "two" / "back").symlink_to(tmp_path / "one")
    found = [folder.path for folder in list_files(open_place(str(tmp_path)), ())]
    assert ("one",) in found
    assert len(found) < 10


def test_folders_that_link_to_one_another_are_not_walked_in_every_order(tmp_path: Path) -> None:
    names = [f"f{at}" for at in range(9)]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text("1")
        for other in names:
            (tmp_path / name / f"to_{other}").symlink_to(tmp_path / other)
    found = [folder.path for folder in list_files(open_place(str(tmp_path)), ())]
    assert found == [folder.path for folder in list_files(open_place(str(tmp_path)), ())]
    assert {(name,) for name in names} | {("f0", "to_f1"), ("f8", "to_f7")} <= set(found)
    assert len(found) <= 3 * len(names) ** 2


def test_a_walk_of_folders_without_files_can_be_ended(tmp_path: Path) -> None:
    (tmp_path / "one/two").mkdir(parents=True)

    def end() -> None:
        raise CrawlStopped

    with pytest.raises(CrawlStopped):
        list(list_files(open_place(str(tmp_path)), (), entering=end))


def test_a_link_that_leads_nowhere_is_a_fault_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nothing")
    (folder,) = list_files(open_place(str(tmp_path)), ())
    assert folder.faults[0][0] == "gone.csv"


@pytest.mark.parametrize("form", ["{}", "file://{}", "file:{}", "{}/"])
def test_a_local_place_can_be_spelled_as_a_path_or_a_uri(form: str, tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    assert open_place(form.format(tmp_path / "a b")).root == f"file://{tmp_path}/a b/"


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        PlaceNotFound, match=r"nowhere does not exist or cannot be listed \(No such file or directory\)"
    ):
        open_place(str(tmp_path / "nowhere"))


def test_a_missing_driver_is_named() -> None:
    with pytest.raises(DriverMissing, match="abfs://"):
        open_place("abfs://container/folder")


def test_an_unknown_scheme_is_named() -> None:
    with pytest.raises(UnknownScheme, match="begins with xyz:"):
        open_place("xyz://bucket/folder")


def test_other_schemes_are_listed_through_their_driver() -> None:
    disk = fsspec.filesystem("memory")
    disk.pipe({"/lake/t/year=1/a.json": b"{}", "/lake/t/year=2/b.json": b"{ }", "/lake/t/_x/c": b"1"})
    place = open_place("memory://lake/t")
    listed = {folder.path: [(file.name, file.size) for file in folder.files] for folder in list_files(place, ())}
    assert listed == {("year=1",): [("a.json", 2)], ("year=2",): [("b.json", 3)]}
    with place.open("year=2/b.json") as file:
        assert file.read() == b"{ }"
    assert place.root == "memory://lake/t/"


class _Private(LocalFileSystem):  # type: ignore[misc]
    """A driver whose store refuses to list one folder."""

    protocol = "private"

    def ls(self, path: str, detail: bool = False, **options: Any) -> Any:
        if path.endswith("/private"):
            raise PermissionError(13, "not for you")
        return super().ls(path, detail, **options)


def test_a_folder_that_a_driver_cannot_list_fails_the_listing(tmp_path: Path) -> None:
    """Half a listing would look as if tables were gone."""
    fsspec.register_implementation("private", _Private, clobber=True)
    for name in ("open", "open/deep", "open/private"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text("a,b")
    with pytest.raises(PlaceFailing, match="not for you"):
        list(list_files(open_place(f"private://{tmp_path}"), ()))
    (tmp_path / "open/private/a.csv").unlink()
    (tmp_path / "open/private").rmdir()
    found = {folder.path: len(folder.files) for folder in list_files(open_place(f"private://{tmp_path}"), ())}
    assert found == {("open",): 1, ("open", "deep"): 1}


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("abfss://raw@lake.dfs.core.windows.net/sales", "abfss://raw@lake.dfs.core.windows.net/sales"),
        ("WASBS://raw@lake.blob.core.windows.net/x?sig=secret", "WASBS://raw@lake.blob.core.windows.net/x"),
        ("abfss://me:secret@lake.dfs.core.windows.net/sales", "abfss://lake.dfs.core.windows.net/sales"),
        ("sftp://me@host/folder", "sftp://host/folder"),
        ("http://me:secret@host/a?key=secret#x", "http://host/a"),
        ("/disk/a#b?c@d", "/disk/a#b?c@d"),
    ],
)
def test_a_place_is_told_with_azure_s_container_and_without_users_and_keys(place: str, told: str) -> None:
    assert shown(place) == told
