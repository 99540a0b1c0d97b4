"""The command line in this process: the real entry point, with a home of its own."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class CommandLine:
    home: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def try_(self, *words: object) -> Said:
        """Run `isinglass WORDS` to its end, however that is."""
        self.monkeypatch.setattr(sys, "argv", ["isinglass", *map(str, words)])
        self.monkeypatch.setenv("ISINGLASS_HOME", str(self.home))
        self.capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        out, err = self.capsys.readouterr()
        return Said(int(str(code or 0)), out, err)

    def run(self, *words: object) -> str:
        said = self.try_(*words)
        assert said.code == 0, said.err
        return said.out

    def json(self, *words: object) -> Any:
        return json.loads(self.run(*words, "--output", "json"))

    def refusal(self, *words: object) -> str:
        """What a command that is refused says: one line, and exit code 1."""
        said = self.try_(*words)
        assert (said.code, said.out) == (1, ""), said
        [line] = said.err.splitlines()
        return line


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    for name in os.environ:
        if name.startswith("ISINGLASS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ISINGLASS_WARM_JVMS", "0")
    monkeypatch.setenv("ISINGLASS_JAVA_ARCHIVE", "false")
    return CommandLine(tmp_path / "home", monkeypatch, capsys)
