"""A script with the files it reads and what it must print and write, stated in one text file.

A case has sections, each begun by a line `--- KIND WORDS`:
    file PATH                                a file of the lake, with its text
    table DATABASE.NAME FOLDER FORMAT C:T…   a table of the catalog; after `by`, its partition keys
    arguments                                the run's arguments
    script                                   the script, as its author would hand it in; `s3://lake/` is the lake
    prints                                   all that it prints
    rows FOLDER                              the records below a folder afterwards, as JSON lines in any order
    gone FOLDER                              no file is below it
    columns DATABASE.NAME                    a table of the catalog afterwards: `name:type` each, then `by` and keys
    fails                                    what the error says that it ends with
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LAKE = "s3://lake/"
MARK = "--- "


@dataclass(frozen=True)
class Section:
    kind: str
    words: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Case:
    name: str
    sections: tuple[Section, ...]

    def all(self, kind: str) -> list[Section]:
        return [section for section in self.sections if section.kind == kind]

    def one(self, kind: str) -> str | None:
        """The text of the only section of that kind; None without one."""
        found = self.all(kind)
        assert len(found) < 2, f"{self.name} has several sections {kind!r}"
        return found[0].text if found else None

    @property
    def arguments(self) -> list[str]:
        return (self.one("arguments") or "").split()

    @property
    def script(self) -> str:
        text = self.one("script")
        assert text, f"{self.name} has no script"
        return text


def read_case(path: Path) -> Case:
    sections: list[Section] = []
    for part in f"\n{path.read_text()}".split(f"\n{MARK}")[1:]:
        head, _, text = part.partition("\n")
        kind, *words = head.split()
        sections.append(Section(kind, tuple(words), text.strip("\n") + "\n"))
    return Case(path.stem, tuple(sections))


def read_cases() -> list[Case]:
    return [read_case(path) for path in sorted((Path(__file__).parent / "cases").glob("*.case"))]
