"""A target's files, listed, chosen and recognised: everything of a crawl that touches the place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import time

from crawlers.answers import Answers, answers
from crawlers.errors import CrawlStopped, PlaceDenied, Unreadable
from crawlers.formats import Finding, Options, Recogniser, Rejected, Schema, csv
from crawlers.grouping import Group, Leaf
from crawlers.listing import Listed, is_hidden, list_files, sort_out
from crawlers.logs import Lake, find_lakes, is_in_lake, may_be_log
from crawlers.memory import Header, Memory, Remembered, decode, listing_digest, read_header
from crawlers.model import Configuration, Target
from crawlers.naming import path_below
from crawlers.places import FileEntry, FolderPath, Place, open_place
from crawlers.report import Note
from crawlers.sampling import choose

_TOLD_EVERY = 1_000  # files listed between two words of progress
_SECONDS_BLUR = 2_000
_COUNTER = re.compile(r"[0-9a-f]{8,}|\d+", re.IGNORECASE)
Told = Callable[[str, int, int], None]
File = tuple[FolderPath, FileEntry]


@dataclass(frozen=True)
class Scope:
    """How much of a target is looked at, when `body` is what an earlier crawl remembers of it.

    `settled`: a listing that is the same as then suffices. `fresh_only`: of the folders that are listed, only those
    that the memory lacks are read. `touched` are locations of objects: the folders of these alone are listed, the
    others are as they are remembered; None: all are listed.
    """

    body: bytes | None = None
    settled: bool = False
    fresh_only: bool = False
    touched: tuple[str, ...] | None = None

    @cached_property
    def header(self) -> Header | None:
        return read_header(self.body) if self.body is not None else None

    @cached_property
    def memory(self) -> Memory | None:
        return decode(self.body) if self.body is not None else None


EVERYTHING = Scope()


@dataclass
class Seen:
    """What a target holds. `leaves` are its folders with recognised files; `findings` what each of these files is.

    `location` is the target's own: a folder with a slash at the end, or the file `only`. `lakes` are folders that
    another format's log rules; `listed`, `read` and the leaves have nothing of them. `read` counts the files that were
    opened, not those that are known from before. `memory` is for the next crawl. `unchanged`: the listing is as it was,
    and nothing more was looked at.
    """

    root: str
    only: str | None
    leaves: list[Leaf] = field(default_factory=list)
    findings: dict[FolderPath, dict[str, Finding]] = field(default_factory=dict)
    lakes: list[Lake] = field(default_factory=list)
    skipped: list[Note] = field(default_factory=list)
    failed: list[Note] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    listed: int = 0
    read: int = 0
    size: int = 0
    memory: Memory = field(default_factory=lambda: Memory(""))
    unchanged: bool = False

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


def read_target(
    target: Target,
    configuration: Configuration,
    told: Told,
    stop: Callable[[], bool],
    scope: Scope = EVERYTHING,
    answers: Answers = answers,
    custom: tuple[Recogniser, ...] = (),
) -> Seen:
    """List the target, read what is to be read of each file, and say of each what it is.

    `custom` recognisers are asked first. A file that is remembered and has not changed is not opened. Raises
    PlaceNotFound, PlaceDenied, PlaceFailing, DriverMissing, UnknownScheme and CrawlStopped; a file's own faults are in
    the result.
    """
    place = open_place(target.place)
    seen = Seen(place.root, place.only, memory=Memory(rules_of(configuration)))
    began_ms = int(time() * 1000)
    folders = _list(place, target, seen, told, stop, scope)
    if scope.settled and not configuration.reclassify and _is_as_it_was(folders, seen, scope):
        seen.unchanged = True
        return seen
    chosen = [
        (folder.path, file) for folder in folders for file in choose(folder.path, folder.files, target.sample_size)
    ]
    known = _recalled(chosen, seen.memory.rules, configuration, scope)
    wanted = [(path, file) for path, file in chosen if (path, file.name) not in known]
    unusable = {key for key, answer in known.items() if isinstance(answer, Rejected)}
    denied: list[Unreadable] = []
    found = answers(place, wanted, Options(configuration.header_detection, custom), told, stop)
    for (path, file), answer in found:
        if isinstance(answer, Unreadable):
            unusable.add((path, file.name))
            seen.failed.append(Note(seen.place_of(path, file.name), str(answer)))
            denied += [answer] if isinstance(answer.__cause__, PermissionError) else []
            continue
        known[path, file.name] = answer
        if isinstance(answer, Rejected):
            unusable.add((path, file.name))
        else:
            seen.log += [f"{seen.place_of(path, file.name)}: {note}." for note in answer.notes]
    if wanted and len(denied) == len(chosen):
        raise PlaceDenied(place=seen.location, why=f"none of its files may be read; of the first, {denied[0]}")
    seen.memory.complete = not seen.failed
    seen.read = sum((path, file.name) not in unusable for path, file in wanted)
    _note(seen, folders, known, began_ms)
    _settle_headers(seen)
    _make_leaves(seen, folders, unusable)
    return seen


def rules_of(configuration: Configuration) -> str:
    """What a file's answer depends on beside its bytes. Classifiers are not in it: files that were crawled keep their
    class when those change, as in Glue, until they are to be reclassified."""
    return f"headers {configuration.header_detection}"


# ── listing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _list(place: Place, target: Target, seen: Seen, told: Told, stop: Callable[[], bool], scope: Scope) -> list[Listed]:
    """The folders to read from, without those of lakes."""
    hidden: list[FolderPath] = []
    found: dict[FolderPath, Listed] = {}
    counted, told_at = 0, 0

    def demand_going() -> None:
        if stop():
            raise CrawlStopped

    for folder in _listing(place, target, hidden, scope, demand_going):
        known = found.get(folder.path)
        found[folder.path] = _joined(known, folder) if known else folder
        counted += len(folder.files)
        if counted >= told_at + _TOLD_EVERY:
            told_at = counted
            told("list", counted, 0)
    told("list", counted, 0)
    seen.lakes = find_lakes(found.values(), hidden)
    seen.memory.lakes = [lake.path for lake in seen.lakes]
    folders = list(found.values())
    if seen.lakes:
        folders = [folder for folder in folders if not is_in_lake(folder.path, seen.lakes)]
    if scope.fresh_only and scope.memory is not None:
        # A folder of which no file could be read is as good as new.
        seen.memory.folders |= {path: known for path, known in scope.memory.folders.items() if known.answers}
        folders = [folder for folder in folders if folder.path not in seen.memory.folders]
    seen.listed = sum([len(folder.files) for folder in folders])
    seen.size = sum([file.size for folder in folders for file in folder.files])
    for folder in folders:
        if folder.skipped or folder.faults:
            seen.skipped += [Note(seen.place_of(folder.path, name), why) for name, why in folder.skipped]
            seen.failed += [Note(seen.place_of(folder.path, name), why) for name, why in folder.faults]
    return folders


def _listing(
    place: Place, target: Target, hidden: list[FolderPath], scope: Scope, entering: Callable[[], None]
) -> Iterator[Listed]:
    memory = scope.memory if scope.touched is not None else None
    folders = {where.rpartition("/")[0] for where in scope.touched or ()}
    touched = {path for folder in folders if (path := path_below(folder, place.root)) is not None}
    if memory is None or memory.lakes or any(may_be_log(path) for path in touched):
        yield from list_files(place, target.exclusions, hidden.append, entering)
        return
    for path in sorted(touched):
        if not any(is_hidden(name) for name in path):
            yield sort_out(place.look(path), target.exclusions)
    for path, remembered in memory.folders.items():
        if path not in touched:
            yield Listed(path, remembered.files, (), ())


def _is_as_it_was(folders: Sequence[Listed], seen: Seen, scope: Scope) -> bool:
    header = scope.header
    if header is None or not header.complete or header.rules != seen.memory.rules or seen.failed or seen.lakes:
        return False
    return header.listing == listing_digest((folder.path, folder.files) for folder in folders if folder.files)


def _joined(a: Listed, b: Listed) -> Listed:
    return replace(a, files=a.files + b.files, skipped=a.skipped + b.skipped, faults=a.faults + b.faults)


# ── what is known of the files ───────────────────────────────────────────────────────────────────────────────────────


def _recalled(
    chosen: Sequence[File], rules: str, configuration: Configuration, scope: Scope
) -> dict[tuple[FolderPath, str], Finding | Rejected]:
    memory = scope.memory
    if memory is None or memory.rules != rules or configuration.reclassify:
        return {}
    folders: dict[FolderPath, list[FileEntry]] = {}
    for path, file in chosen:
        folders.setdefault(path, []).append(file)
    return {
        (path, name): answer for path, files in folders.items() for name, answer in memory.recall(path, files).items()
    }


def _note(
    seen: Seen, folders: Iterable[Listed], known: dict[tuple[FolderPath, str], Finding | Rejected], began_ms: int
) -> None:
    """Keep each file's answer for this crawl, and for the next unless the file may have changed while it was read."""
    answered: dict[FolderPath, dict[str, Finding | Rejected]] = {}
    for (path, name), answer in known.items():
        answered.setdefault(path, {})[name] = answer
    for folder in folders:
        unsettled = _unsettled(folder.files, began_ms)
        if unsettled:
            seen.memory.complete = False
        of = answered.get(folder.path, {})
        answers = {file.name: of[file.name] for file in folder.files if file.name in of}
        for name, answer in answers.items():
            if isinstance(answer, Finding):
                seen.findings.setdefault(folder.path, {})[name] = answer
            else:
                seen.skipped.append(Note(seen.place_of(folder.path, name), answer.why))
        if folder.files:
            kept = {name: answer for name, answer in answers.items() if name not in unsettled}
            seen.memory.folders[folder.path] = Remembered(folder.files, kept)


def _unsettled(files: Iterable[FileEntry], began_ms: int) -> set[str]:
    """Files that may change after `began_ms` without that being told: stores may count in seconds."""
    late = [file for file in files if file.modified_ms > began_ms - _SECONDS_BLUR and not file.etag]
    return {file.name for file in late if file.modified_ms > began_ms or file.modified_ms % 1_000 == 0}


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


def _make_leaves(seen: Seen, folders: Iterable[Listed], unusable: set[tuple[FolderPath, str]]) -> None:
    """Each folder's usable files with their schemas, equal schemas being one object. Unread files follow those read."""
    interned: dict[Schema, Schema] = {}
    spoilt = {path for path, _ in unusable}
    for folder in folders:
        findings = seen.findings.get(folder.path)
        if not findings:
            continue
        schemas = {name: interned.setdefault(each.schema, each.schema) for name, each in findings.items()}
        files = folder.files
        if folder.path in spoilt:
            files = tuple(file for file in files if (folder.path, file.name) not in unusable)
        seen.leaves.append(Leaf(folder.path, files, schemas))
