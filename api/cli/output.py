"""What commands print: tables and sentences for people, JSON for programs. Commands compute; this prints."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid
from rich.text import Text


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class Output:
    """Results go to standard output, progress and errors to standard error."""

    def __init__(self, format: Format) -> None:
        self.format = format
        # What goes to a file or a pipe is not folded.
        self.console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 10_000)
        self.errors = Console(stderr=True, highlight=False, soft_wrap=True)

    def narration(self) -> Output:
        """An output for people: this one, or where standard output is for a program, one on standard error."""
        if self.text:
            return self
        beside = Output(Format.TEXT)
        beside.console = beside.errors
        return beside

    @property
    def text(self) -> bool:
        return self.format is Format.TEXT

    def say(self, sentence: str) -> None:
        """A sentence for people; programs do not see it."""
        if self.text:
            self.console.print(Text(sentence))

    def result(self, data: object, sentence: str) -> None:
        """One thing: a sentence for people, all of it for programs."""
        if self.text:
            self.say(sentence)
        else:
            self.json(data)

    def rows(self, data: Sequence[object], headings: Sequence[str], cells: Sequence[Sequence[object]]) -> None:
        """Many things: a table for people, a list of all they hold for programs."""
        if not self.text:
            self.json(list(data))
        elif cells:
            self.grid(headings, cells)
        else:
            self.say("none")

    def grid(self, headings: Sequence[str], cells: Sequence[Sequence[object]], indent: int = 0) -> None:
        grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        shown = [[_cell(value) for value in row] for row in cells]
        used = [at for at, heading in enumerate(headings) if heading or any(row[at] for row in shown)]
        for at in used:
            grid.add_column(headings[at], overflow="fold")
        for row in shown:
            grid.add_row(*(Text(row[at]) for at in used))
        from rich.padding import Padding

        self.console.print(Padding(grid, (0, 0, 0, indent), expand=False))

    def json(self, data: object) -> None:
        encoded = msgspec.json.encode(data, order="sorted", enc_hook=_plain)
        sys.stdout.write(msgspec.json.format(encoded, indent=2).decode() + "\n")
        sys.stdout.flush()

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress display; silent where standard error is no terminal, but for what is printed through it."""
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.errors,
            transient=True,
            disable=not self.errors.is_terminal,
        ) as progress:
            yield progress


def _plain(value: object) -> str:
    """JSON has no paths."""
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, float):
        return f"{value:,.1f}"
    return str(value)
