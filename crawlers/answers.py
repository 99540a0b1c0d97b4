"""Files, each with what it is, in their order; as many are read at once as their place bears."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from crawlers.errors import CrawlStopped, PlaceFailing, Unreadable
from crawlers.formats import Finding, Options, Rejected
from crawlers.places import FileEntry, FolderPath, Place
from crawlers.recognition import recognise

_TOLD_EVERY = 256  # files between two looks at the stop switch
_MOST_FAILURES = 16  # of the store, in a row: then it is no matter of files
_AHEAD = 4  # files waiting for each that is being read, so that a slow one holds up none
Answer = Finding | Rejected | Unreadable
File = tuple[FolderPath, FileEntry]


class Answers(Protocol):
    """What says of each file what it is: `answers`, or something that does the same elsewhere."""

    def __call__(
        self,
        place: Place,
        files: Sequence[File],
        options: Options,
        told: Callable[[str, int, int], None],
        stop: Callable[[], bool],
        /,
    ) -> Iterator[tuple[File, Answer]]: ...


def answers(
    place: Place,
    files: Sequence[File],
    options: Options,
    told: Callable[[str, int, int], None],
    stop: Callable[[], bool],
) -> Iterator[tuple[File, Answer]]:
    """Raises CrawlStopped; PlaceFailing when the store fails for one file after the other."""

    def one(item: File) -> Answer:
        path, file = item
        try:
            return recognise(place, "/".join((*path, file.name)), file.size, options)
        except Unreadable as error:
            return error
        except Exception as error:  # a file may not bring down the crawl of the others, whatever it does to a parser
            return Unreadable(why=f"it could not be examined ({type(error).__name__}: {error})")

    failures = 0
    for done, (item, answer) in enumerate(_each(one, files, place.concurrency)):
        if done % _TOLD_EVERY == 0:
            told("read", done, len(files))
            if stop():
                raise CrawlStopped
        failures = failures + 1 if _is_stores(answer) else 0
        if failures >= _MOST_FAILURES:
            raise PlaceFailing(place=place.root, why=f"{failures} files in a row: {answer}")
        yield item, answer
    if files:
        told("read", len(files), len(files))


def _is_stores(answer: Answer) -> bool:
    return isinstance(answer, Unreadable) and isinstance(answer.__cause__, ConnectionError)


def _each(one: Callable[[File], Answer], files: Iterable[File], concurrency: int) -> Iterator[tuple[File, Answer]]:
    if concurrency == 1:
        yield from ((item, one(item)) for item in files)
        return
    pool = ThreadPoolExecutor(concurrency)
    try:
        waiting: deque[tuple[File, Future[Answer]]] = deque()
        for item in files:
            waiting.append((item, pool.submit(one, item)))
            if len(waiting) > concurrency * _AHEAD:
                first, answer = waiting.popleft()
                yield first, answer.result()
        for first, answer in waiting:
            yield first, answer.result()
    finally:
        pool.shutdown(cancel_futures=True)
