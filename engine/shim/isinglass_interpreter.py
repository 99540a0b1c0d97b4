"""Carries out statements one after the other in one namespace, as Python's prompt does.

What a statement prints, and the value of its last expression, is its text; an exception is told from its own lines on.
"""

from __future__ import annotations

import ast
import io
import linecache
import sys
import traceback
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from isinglass_script import RunStopped

MOST_TEXT = 4 * 2**20


class Interpreter:
    """`names` are there from the beginning. The namespace is that of __main__, so that Spark can send its functions."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.main = types.ModuleType("__main__")
        self.main.__dict__.update(names)
        sys.modules["__main__"] = self.main
        self.out, self.err = Stream(sys.stdout), Stream(sys.stderr)

    def run(self, number: int, code: str) -> dict[str, Any]:
        """Carry a statement out: its text, and its failure, if it failed. Raises RunStopped alone."""
        name = f"<statement {number}>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        failure = None
        sys.stdout, sys.stderr = self.out, self.err  # the last statement may have put others there
        with self.out.caught() as printed, self.err.caught() as complained:
            try:
                self._carry_out(name, code)
            except RunStopped:
                raise
            except BaseException as error:
                failure = told(error, name)
        return {"text": printed.text + complained.text, "failure": failure}

    def _carry_out(self, name: str, code: str) -> None:
        """All but the last statement of the code is executed; of the last, values are shown."""
        tree = ast.parse(code, name)
        body, last = tree.body[:-1], tree.body[-1:]
        if body:
            exec(compile(ast.Module(body, tree.type_ignores), name, "exec"), self.main.__dict__)  # noqa: S102
        if last:
            exec(compile(ast.Interactive(last), name, "single"), self.main.__dict__)  # noqa: S102


class Stream(io.TextIOBase):
    """What is printed: caught while a statement runs, and then passed on. Handlers of logs may keep it for good."""

    encoding = "utf-8"

    def __init__(self, beyond: TextIO) -> None:
        self.beyond = beyond
        self.now: Captured | None = None

    def write(self, text: str) -> int:
        return self.beyond.write(text) if self.now is None else self.now.write(text)

    def flush(self) -> None:
        self.beyond.flush()

    def fileno(self) -> int:
        return self.beyond.fileno()

    @contextmanager
    def caught(self) -> Iterator[Captured]:
        self.now = caught = Captured()
        try:
            yield caught
        finally:
            self.now = None


class Captured:
    """A text of which the beginning is kept."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = MOST_TEXT
        self.left_out = 0

    def write(self, text: str) -> int:
        kept = text[: self.room]
        self.parts.append(kept)
        self.room -= len(kept)
        self.left_out += len(text) - len(kept)
        return len(text)

    @property
    def text(self) -> str:
        more = f"\n[isinglass: {self.left_out:,} characters are left out here]\n" if self.left_out else ""
        return "".join(self.parts) + more


def told(error: BaseException, name: str) -> dict[str, Any]:
    """A failure as it is told; its traceback begins in the statement called `name`."""
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename != name:
        at = at.tb_next
    lines = traceback.format_exception(type(error), error, at)
    return {"name": type(error).__name__, "value": text_of(error), "traceback": lines}


def text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as fault:  # its own __str__ fails: that must not cost the statement its end
        return f"<no text: {type(fault).__name__}>"
