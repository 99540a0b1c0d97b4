"""The process beside a crawl that has Spark read files, started by `spark_answers`.

Takes the master, the place, the options and the files from its input, and writes batches of answers to its output.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from pyspark import SparkConf, SparkContext

from crawlers.answers import File, answers
from crawlers.errors import Unreadable
from crawlers.formats import Options
from crawlers.places import open_place
from engine.crawling.spark_answers import CAUSES

_PER_TASK = 250  # files: few enough that progress is seen, enough that a task is worth its start
_WAITING = 1  # tasks that Spark has beside those that run, so that a core that is done has the next at once
_AHEAD = 2  # tasks for each of these whose answers may lie here until it is their turn


def read(files: Iterable[File], place: str, options: Options) -> Iterator[Any]:
    """On an executor: what each file is, in the form in which it travels."""
    found = answers(open_place(place), list(files), options, lambda *_: None, lambda: False)
    return (_packed(answer) for _, answer in found)


def _packed(answer: object) -> object:
    if not isinstance(answer, Unreadable):
        return answer
    cause = next((name for name, kind in CAUSES.items() if isinstance(answer.__cause__, kind)), None)
    return str(answer), cause


def main(source: IO[bytes], sink: IO[bytes]) -> None:
    master, place, options, files = pickle.load(source)  # noqa: S301 — from the process that started this one
    conf = SparkConf().setMaster(master).setAppName("isinglass crawl").set("spark.ui.enabled", "false")
    if master.startswith("local"):
        conf = conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
    context = SparkContext(conf=conf)
    try:
        for answered in _answered(context, files, lambda part: read(part, place, options)):
            pickle.dump(answered, sink)
            sink.flush()
    finally:
        context.stop()


def _answered(
    context: SparkContext, files: Sequence[File], read_part: Callable[[Iterable[File]], Iterator[Any]]
) -> Iterator[list[Any]]:
    """Answers in the order of `files`. A job for each task: tasks of one job would all wait for the slowest."""
    at_once = context.defaultParallelism
    share = min(_PER_TASK, -(-len(files) // at_once))

    def one(at: int) -> list[Any]:
        return context.parallelize(files[at : at + share], 1).mapPartitions(read_part).collect()

    with ThreadPoolExecutor(at_once + _WAITING) as pool:
        running: deque[Future[list[Any]]] = deque()
        try:
            for at in range(0, len(files), share):
                running.append(pool.submit(one, at))
                if len(running) > (at_once + _WAITING) * _AHEAD:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


if __name__ == "__main__":
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answered:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what Spark prints is no answer
        main(sys.stdin.buffer, answered)
