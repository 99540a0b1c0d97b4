"""How far a run is: a small note in its folder, written by whoever works on it and read by whoever watches."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.supervisor import write_whole

NOTE = "progress.json"
WAITING, STARTING, RUNNING = "waiting", "starting", "running"


@dataclass(frozen=True)
class RunProgress:
    """`done` of `total` parts: tasks of the running Spark stages, or files of a crawl. A total of 0 is not known.

    Of a crawl, `stage` says what it does with them, `listed` is how many files it has seen, and `rate` is files a
    second.
    """

    phase: str = WAITING
    done: int = 0
    total: int = 0
    stage: str = ""
    listed: int = 0
    rate: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """Of this stage; None while it cannot be told."""
        return (self.total - self.done) / self.rate if self.total and self.rate else None


def read_progress(runs: Path, run_id: str) -> RunProgress:
    """The note of a run in the folder `runs`; WAITING while there is none."""
    try:
        return RunProgress(**json.loads((runs / run_id / NOTE).read_text()))
    except FileNotFoundError:
        return RunProgress()


def write_progress(runs: Path, run_id: str, progress: RunProgress) -> None:
    folder = runs / run_id
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / NOTE, asdict(progress))
