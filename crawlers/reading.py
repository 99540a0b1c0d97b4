"""A target's files, listed, chosen and recognised: everything of a crawl that touches the place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from crawlers.errors import CrawlStopped, Unreadable
from crawlers.formats import Finding, Options, Rejected, Schema, csv
from crawlers.grouping import Group, Leaf
from crawlers.listing import Listed, list_files
from crawlers.model import Configuration, Target
from crawlers.places import FileEntry, FolderPath, Place, open_place
from crawlers.recognition import recognise
from crawlers.report import Note
from crawlers.sampling import choose

_AT_ONCE = 256  # files between two looks at the stop switch
_TOLD_EVERY = 1_000  # files listed between two words of progress
_COUNTER = re.compile(r"[0-9a-f]{8,}|\d+", re.IGNORECASE)
Told = Callable[[str, int, int], None]
File = tuple[FolderPath, FileEntry]


@dataclass
class Seen:
    """What a target holds. `leaves` are its folders with recognised files; `findings` what each read file is.

    `location` is the target's own: a folder with a slash at the end, or the file `only`.
    """

    root: str
    only: str | None
    leaves: list[Leaf] = field(default_factory=list)
    findings: dict[FolderPath, dict[str, Finding]] = field(default_factory=dict)
    skipped: list[Note] = field(default_factory=list)
    failed: list[Note] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    listed: int = 0
    read: int = 0
    size: int = 0

    @property
    def location(self) -> str:
        return self.root + (self.only or "")

    def place_of(self, path: FolderPath, name: str) -> str:
        return self.root + "".join(f"{part}/" for part in path) + name

    def as_one_file(self) -> list[Group]:
        """The table of a target that is one file."""
        return [
            Group((), self.only, (), leaf.schemas[file.name], (leaf,), (), "The target is this one file.")
            for leaf in self.leaves
            for file in leaf.files
        ]


def read_target(target: Target, configuration: Configuration, told: Told, stop: Callable[[], bool]) -> Seen:
    """List the target, read what is to be read of each file, and say of each what it is.

    Raises PlaceNotFound, DriverMissing, UnknownScheme and CrawlStopped; a file's own faults are in the result.
    """
    place = open_place(target.place)
    seen = Seen(place.root, place.only)
    folders: list[Listed] = []
    told_at = 0
    for folder in list_files(place, target.exclusions):
        if stop():
            raise CrawlStopped
        folders.append(folder)
        seen.listed += len(folder.files)
        seen.size += sum(file.size for file in folder.files)
        seen.skipped += [Note(seen.place_of(folder.path, name), why) for name, why in folder.skipped]
        seen.failed += [Note(seen.place_of(folder.path, name), why) for name, why in folder.faults]
        if seen.listed >= told_at + _TOLD_EVERY:
            told_at = seen.listed
            told("list", seen.listed, 0)
    told("list", seen.listed, 0)
    size = target.sample_size
    chosen = [(folder.path, file) for folder in folders for file in choose(folder.path, folder.files, size)]
    unusable: set[tuple[FolderPath, str]] = set()
    for (path, file), answer in _read(place, chosen, Options(configuration.header_detection), told, stop):
        where = seen.place_of(path, file.name)
        if isinstance(answer, Finding):
            seen.findings.setdefault(path, {})[file.name] = answer
            seen.log += [f"{where}: {note}." for note in answer.notes]
            continue
        unusable.add((path, file.name))
        (seen.failed if isinstance(answer, Unreadable) else seen.skipped).append(Note(where, _why(answer)))
    seen.read = len(chosen) - len(unusable)
    _settle_headers(seen)
    _make_leaves(seen, folders, unusable)
    return seen


def _why(answer: Rejected | Unreadable) -> str:
    return answer.why if isinstance(answer, Rejected) else str(answer)


def _read(
    place: Place, chosen: list[File], options: Options, told: Told, stop: Callable[[], bool]
) -> Iterator[tuple[File, Finding | Rejected | Unreadable]]:
    def one(item: File) -> Finding | Rejected | Unreadable:
        path, file = item
        try:
            return recognise(place, "/".join((*path, file.name)), file.size, options)
        except Unreadable as error:
            return error
        except Exception as error:  # a file may not bring down the crawl of the others, whatever it does to a parser
            return Unreadable(why=f"it could not be examined ({type(error).__name__}: {error})")

    with ThreadPoolExecutor(place.concurrency) as pool:
        waiting = iter(chosen)
        done = 0
        while part := list(islice(waiting, _AT_ONCE)):
            if stop():
                raise CrawlStopped
            answers: Iterable[Finding | Rejected | Unreadable] = (
                map(one, part) if place.concurrency == 1 else pool.map(one, part)
            )
            yield from zip(part, answers, strict=True)
            done += len(part)
            told("read", done, len(chosen))


def _settle_headers(seen: Seen) -> None:
    """Let CSV files that look like parts of one data set agree on whether they have headers."""
    families: dict[tuple[object, ...], list[tuple[FolderPath, str]]] = {}
    for path, findings in seen.findings.items():
        for name, finding in findings.items():
            if finding.schema.format == csv.NAME:
                schema = finding.schema
                kin = (_family(path), _COUNTER.sub("#", name), schema.trait("delimiter"), len(schema.fields))
                families.setdefault(kin, []).append((path, name))
    for members in families.values():
        unsettled = [seen.findings[path][name] for path, name in members]
        if any(finding.other for finding in unsettled):
            for (path, name), finding in zip(members, csv.settle(unsettled), strict=True):
                seen.findings[path][name] = finding


def _family(path: FolderPath) -> tuple[str, ...]:
    """A folder's path without what differs between partitions: values after `=`, and numbers."""
    return tuple(_COUNTER.sub("#", name.partition("=")[0]) for name in path)


def _make_leaves(seen: Seen, folders: list[Listed], unusable: set[tuple[FolderPath, str]]) -> None:
    """Each folder's usable files with their schemas, equal schemas being one object. Unread files follow those read."""
    interned: dict[Schema, Schema] = {}
    for folder in folders:
        findings = seen.findings.get(folder.path)
        if not findings:
            continue
        schemas = {name: interned.setdefault(each.schema, each.schema) for name, each in findings.items()}
        files = tuple(file for file in folder.files if (folder.path, file.name) not in unusable)
        seen.leaves.append(Leaf(folder.path, files, schemas))
