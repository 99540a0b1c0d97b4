"""A file of the corpus: its bytes, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`columns` are the names and Hive types of the table's columns; None says that no table is to be made of it.

    `ending` is the file's name ending, which may lie: nothing is to be read out of it.
    """

    name: str
    data: bytes
    format: str | None
    columns: dict[str, str] | None
    ending: str = ""

    @property
    def file(self) -> str:
        return f"part{self.ending}"


def refused(name: str, data: bytes, ending: str = "") -> Case:
    """A file that is no table, or one too damaged to be one."""
    return Case(name, data, None, None, ending)
