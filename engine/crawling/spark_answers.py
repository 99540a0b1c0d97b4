"""The read-and-infer stage of a crawl as Spark tasks: the crawler's own code, on the executors.

Spark runs in a process of its own, which ends with the crawl; files go there and answers come back through pipes.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, cast

from crawlers.errors import CrawlStopped, Unreadable
from crawlers.model import CrawlEngine, Crawler
from engine.errors import SparkReaderFailed
from engine.spark.java import find_java, java_home
from engine.spark.spark import pyspark_home

if TYPE_CHECKING:  # PyArrow and pyspark come with them: a third of a second, for every command
    from crawlers.answers import Answer, Answers, File
    from crawlers.formats import Options
    from crawlers.places import Place

_LINES_SHOWN = 3
_HEARD_SECONDS = 1.0
# What may have kept a file from being read, and is told on: see crawlers.reading.
CAUSES: dict[str, type[OSError]] = {"permission": PermissionError, "connection": ConnectionError}


@dataclass(frozen=True)
class SparkAnswers:
    """Answers about files, found by Spark at `master` (such as local[2] or spark://host:7077).

    The executors need Isinglass' packages and see the same place under the same name. `java` is a Java's home, if it
    is not to be looked for.
    """

    master: str
    java: Path | None = None

    def __call__(
        self,
        place: Place,
        files: Sequence[File],
        options: Options,
        told: Callable[[str, int, int], None],
        stop: Callable[[], bool],
    ) -> Iterator[tuple[File, Answer]]:
        """In the order of `files`. Raises CrawlStopped; SparkReaderFailed, with what Spark said last."""
        if not files:
            return
        with TemporaryDirectory(prefix="isinglass-crawl-") as folder, self._start(Path(folder)) as running:
            source, sink = cast("IO[bytes]", running.stdin), cast("IO[bytes]", running.stdout)
            batches: SimpleQueue[list[Any] | None] = SimpleQueue()
            # A thread, as half a batch in the pipe would hold up whoever reads it.
            receiver = Thread(target=_receive, args=(sink, batches), daemon=True)
            receiver.start()
            try:
                pickle.dump((self.master, place.root, options, files), source)
                source.close()
                done = 0

                def waiting() -> None:
                    told("read", done, len(files))
                    if stop():
                        raise CrawlStopped

                for done, (item, answer) in enumerate(zip(files, _received(batches, waiting), strict=False), 1):
                    if done % _told_every(len(files)) == 0 or done == len(files):
                        told("read", done, len(files))
                    if stop():
                        raise CrawlStopped
                    yield item, answer
                if running.wait() != 0 or done < len(files):
                    raise SparkReaderFailed(master=self.master, why=_last_words(Path(folder)))
            finally:
                running.kill()
                receiver.join()

    def _start(self, folder: Path) -> subprocess.Popen[bytes]:
        java = java_home(find_java(self.java), folder)
        home = {"JAVA_HOME": str(java), "SPARK_HOME": str(pyspark_home()), "PYSPARK_PYTHON": sys.executable}
        with (folder / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "engine.crawling.spark_reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                env={**os.environ, **home},
            )


LOCAL_SPARK = SparkAnswers("local[*]")


def answers_for(crawler: Crawler, spark: SparkAnswers) -> Answers:
    """What reads the crawler's files: its definition says whether that is Spark."""
    from crawlers.answers import answers

    return spark if crawler.engine is CrawlEngine.SPARK else answers


def _received(batches: SimpleQueue[list[Any] | None], waiting: Callable[[], None]) -> Iterator[Answer]:
    """Answers as the reader sends them, a batch at a time. `waiting` is called every second without a batch."""
    while True:
        try:
            batch = batches.get(timeout=_HEARD_SECONDS)
        except Empty:
            waiting()
            continue
        if batch is None:
            return
        yield from map(_unpacked, batch)


def _receive(pipe: IO[bytes], batches: SimpleQueue[list[Any] | None]) -> None:
    """Take batches from the reader; None ends them, in whatever way the reader ended."""
    try:
        while True:
            batches.put(pickle.load(pipe))  # noqa: S301 — from a process that this one started
    except (EOFError, pickle.UnpicklingError):
        return
    finally:
        batches.put(None)


def _unpacked(packed: Any) -> Answer:
    if not isinstance(packed, tuple):
        return packed  # type: ignore[no-any-return]
    why, cause = packed
    failure = Unreadable(why=why)
    if cause is not None:
        failure.__cause__ = CAUSES[cause](why)
    return failure


def _told_every(files: int) -> int:
    return max(1, min(256, files // 20))


def _last_words(folder: Path) -> str:
    lines = (folder / "log").read_text(errors="replace").strip().splitlines()
    return " ".join(lines[-_LINES_SHOWN:]) or "it said nothing"
