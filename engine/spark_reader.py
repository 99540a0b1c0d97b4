"""The process beside a crawl that has Spark read files: `python -m engine.spark_reader`, started by `spark_answers`.

Takes the master, the place, the options and the files from its input, and writes batches of answers to its output.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterable, Iterator
from typing import IO, Any

from pyspark import SparkConf, SparkContext

from crawlers.answers import File, answers
from crawlers.errors import Unreadable
from crawlers.formats import Options
from crawlers.places import open_place
from engine.spark_answers import CAUSES

_PER_TASK = 250  # files: few enough that progress is seen, enough that a task is worth its start


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
        at_once = context.defaultParallelism
        for at in range(0, len(files), at_once * _PER_TASK):
            batch = files[at : at + at_once * _PER_TASK]
            parts = context.parallelize(batch, min(at_once, len(batch)))
            pickle.dump(parts.mapPartitions(lambda part: read(part, place, options)).collect(), sink)
            sink.flush()
    finally:
        context.stop()


if __name__ == "__main__":
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answered:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what Spark prints is no answer
        main(sys.stdin.buffer, answered)
