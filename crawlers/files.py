"""File targets: a folder or file is listed, read and grouped, and each group drafted as a table."""

from __future__ import annotations

from dataclasses import replace

from crawlers.additions import add_partitions
from crawlers.clean_columns import cleaned
from crawlers.drafts import Draft, draft, location_of
from crawlers.evidence import told_by
from crawlers.gathering import Gathered, Request
from crawlers.grouping import Group, Rules, group
from crawlers.lakes import add_lakes
from crawlers.memory import encode
from crawlers.model import ColumnNames, RecrawlBehavior, Target
from crawlers.naming import base_name, path_below
from crawlers.places import open_place, segments
from crawlers.reading import Scope, Seen, read_target
from crawlers.report import Note


def gather(target: Target, request: Request) -> Gathered:
    """The tables in the target's files. Raises what read_target raises."""
    recrawl, before = request.crawler.recrawl, request.recalled.get(target.place)
    fresh_only = recrawl is RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY and before is not None
    touched = request.touched if recrawl is RecrawlBehavior.CRAWL_EVENT_MODE else None
    with request.timed("list and read"):
        scope = Scope(before, request.settled, fresh_only, touched)
        seen = read_target(
            target,
            request.crawler.configuration,
            request.told,
            request.stop,
            scope,
            request.answers,
            request.custom,
        )
    gathered = Gathered(
        (seen.location,), [], seen.listed, seen.read, seen.size, seen.skipped, seen.failed, list(seen.log)
    )
    if seen.unchanged:
        gathered.unchanged = True
        return gathered
    with request.timed("remember"):
        remembered = encode(seen.memory)
        if remembered != before:
            gathered.remembered[target.place] = remembered
    if fresh_only:
        with request.timed("group"):
            add_partitions(gathered, seen, target, request)
        return gathered
    if seen.lakes:
        add_lakes(gathered, open_place(seen.root), seen.lakes, request)
    with request.timed("group"):
        groups = group(seen.leaves, _rules(seen.root, request)) if seen.only is None else seen.as_one_file()
        for found in groups:
            gathered.drafts.append(_drafted(found, _name(target, seen, found, groups, request), seen, target, request))
            gathered.skipped += _shallow(found, seen.root)
    if target.table_name and len(groups) > 1:
        gathered.log.append(
            f"{seen.location} holds {len(groups)} tables, so none of them is called {target.table_name}."
        )
    if target.sample_size is not None:
        gathered.skipped += _unsampled(groups, seen)
    return gathered


def _name(target: Target, seen: Seen, found: Group, groups: list[Group], request: Request) -> str:
    if target.table_name and len(groups) == 1:
        return target.table_name.lower()
    return base_name(location_of(seen.root, found), request.crawler.prefix)


def _drafted(found: Group, name: str, seen: Seen, target: Target, request: Request) -> Draft:
    made = draft(name, location_of(seen.root, found), found, seen.findings, request.crawler, target)
    if request.crawler.configuration.column_names is ColumnNames.CLEAN:
        made = cleaned(made)
    return replace(made, evidence=told_by(made, found, seen, request))


def _rules(root: str, request: Request) -> Rules:
    configuration = request.crawler.configuration
    depth = configuration.table_level
    if depth is not None:
        depth = max(0, depth - len(segments(root)))
    known = frozenset(
        path for table in request.tables if (path := path_below(table.storage.location or "", root)) is not None
    )
    return Rules(configuration.combine_compatible, depth, known)


def _shallow(found: Group, root: str) -> list[Note]:
    why = "it lies above its table's partition folders, so no partition can hold it"
    return [
        Note(root + "".join(f"{name}/" for name in leaf.path) + file.name, why)
        for leaf in found.shallow
        for file in leaf.files
    ]


def _unsampled(groups: list[Group], seen: Seen) -> list[Note]:
    """Files outside the sample follow those in it, unless these turned out to be tables of their own."""
    grouped = [leaf for found in groups for leaf in found.leaves + found.shallow]
    whole = {id(leaf) for leaf in grouped}
    parted = {leaf.path: leaf for leaf in seen.leaves if id(leaf) not in whole}
    placed = {(leaf.path, file.name) for leaf in grouped if leaf.path in parted for file in leaf.files}
    return [
        Note(seen.place_of(leaf.path, file.name), "it is not in the sample, and each file beside it is a table")
        for leaf in parted.values()
        for file in leaf.files
        if (leaf.path, file.name) not in placed
    ]
