"""How far a run is: a small note in its folder, written by whoever works on it and read by whoever watches."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from engine.running.notes import write_whole

NOTE = "progress.json"
WAITING, STARTING, RUNNING = "waiting", "starting", "running"


@dataclass(frozen=True)
class RunProgress:
    """`done` of `total` parts: tasks of the running Spark jobs, or files of a crawl. A total of 0 is not known.

    Of a job run, `begun_at` is when its script began, in seconds since 1970, `figures` are what it has measured so far,
    and `ui` is where Spark's own UI is, if it has one. Of a crawl, `stage` says what it does with them, `listed` is how
    many files it has seen, and `rate` is files a second.
    """

    phase: str = WAITING
    done: int = 0
    total: int = 0
    stage: str = ""
    listed: int = 0
    rate: float = 0.0
    begun_at: float | None = None
    figures: dict[str, float] = field(default_factory=dict)
    ui: str | None = None

    @property
    def fraction(self) -> float | None:
        """From 0 to 1; None while it cannot be told. Of a job run it is that of the Spark jobs under way."""
        return self.done / self.total if self.total else None

    @property
    def seconds_left(self) -> float | None:
        """Of this stage; None while it cannot be told."""
        return (self.total - self.done) / self.rate if self.total and self.rate else None


def read_progress(runs: Path, run_id: str) -> RunProgress:
    """The note of a run in the folder `runs`; WAITING while there is none, or none that can be read.

    What writes it may have been another version of ours, or a machine that went down: a bar is worth no run.
    """
    try:
        return RunProgress(**json.loads((runs / run_id / NOTE).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return RunProgress()


def write_progress(runs: Path, run_id: str, progress: RunProgress) -> None:
    folder = runs / run_id
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / NOTE, asdict(progress))
