"""Files to tables to partition keys. Pure: names, sizes and schemas in, groups out; each group says why it is one.

Folder by folder from the leaves up: a folder's children become one table if one table can read them all (format,
compression, delimiter, layout of the folders below) and over 70% of their schemas are alike, in at most five clusters;
otherwise each child becomes a table of its own. The figures are Glue's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crawlers.formats import Schema
from crawlers.likeness import THRESHOLD, Schemas, Verdict
from crawlers.places import FileEntry, FolderPath
from crawlers.report import APART

_KEYED = re.compile(r"([^=]+)=(.*)", re.DOTALL)
_UNPACKED = ("compression", "none")
_DATED = re.compile(r"\d[\d\-_.T]*")


@dataclass(frozen=True)
class Rules:
    """`table_depth`: how far below the target a table's folder lies, if that is fixed. `combine`: likeness is ignored.

    In a folder of `known`, a table exists already: there a schema that only adds columns counts as alike, so that a
    table does not fall apart when its data grow.
    """

    combine: bool = False
    table_depth: int | None = None
    known: frozenset[FolderPath] = frozenset()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A folder's files of one table; `schemas` are those of the files that were read, by file name."""

    path: FolderPath
    files: tuple[FileEntry, ...]
    schemas: Mapping[str, Schema]


@dataclass(frozen=True)
class Group:
    """A table to be: the files below `root`, or the one `file` in it.

    `keys` has one entry per level of partition folders: the name before the `=`, or None for a plain folder. Each
    leaf lies exactly that deep below the root; `shallow` files lie higher, where no partition can hold them.
    """

    root: FolderPath
    file: str | None
    keys: tuple[str | None, ...]
    schema: Schema
    leaves: tuple[Leaf, ...]
    shallow: tuple[Leaf, ...]
    why: str


@dataclass
class _Node:
    folders: dict[str, _Node] = field(default_factory=dict)
    leaf: Leaf | None = None


@dataclass(frozen=True)
class _Branch:
    """A folder whose whole content can still become part of a table further up."""

    root: FolderPath
    keys: tuple[str | None, ...]
    schema: int
    leaves: tuple[Leaf, ...]
    likeness: float


@dataclass
class _Class:
    """Children that one table can read."""

    key: str | None
    keys: tuple[str | None, ...]
    schemas: list[int]
    names: list[str]


def group(leaves: Iterable[Leaf], rules: Rules) -> list[Group]:
    """The tables in the leaves, in the order of their paths."""
    tree = _Node()
    for leaf in leaves:
        node = tree
        for name in leaf.path:
            node = node.folders.setdefault(name, _Node())
        node.leaf = leaf
    return _Grouping(rules).run(tree)


def split_name(name: str) -> tuple[str | None, str]:
    """A folder's partition key in lower case (None for a plain folder) and its value, still escaped."""
    keyed = _KEYED.fullmatch(name)
    return (keyed[1].lower(), keyed[2]) if keyed else (None, name)


class _Grouping:
    """One walk up the tree."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.schemas = Schemas()

    def run(self, tree: _Node) -> list[Group]:
        branch, groups = self.visit((), tree)
        if branch is not None:
            groups.append(self.finish(branch, ""))
        return sorted(groups, key=lambda found: (found.root, found.file or ""))

    def visit(self, path: FolderPath, node: _Node) -> tuple[_Branch | None, list[Group]]:
        """What `node` comes to: a branch if all of it is one table so far, and the tables that are finished."""
        groups: list[Group] = []
        whole: dict[str, _Branch] = {}
        broken: list[str] = []
        for name in sorted(node.folders):
            branch, finished = self.visit((*path, name), node.folders[name])
            groups += finished
            if branch is not None:
                whole[name] = branch
            elif finished:
                broken.append(name)
        folders, finished = self.join_folders(path, whole, broken)
        groups += finished
        files, why = self.join_files(path, node.leaf) if node.leaf else (None, "")
        if node.leaf is None:
            return (folders, groups) if not groups or folders is None else (None, [*groups, self.finish(folders, "")])
        if files is None:
            groups += self.separate(node.leaf, why)
        elif folders is None and not groups:
            return self.kept(files, path)
        elif folders is not None and self.fits_beside(path, files, folders):
            joined = _Branch(path, folders.keys, folders.schema, files.leaves + folders.leaves, folders.likeness)
            return (joined, []) if not groups else (None, [*groups, self.finish(joined, "")])
        else:
            groups += self.separate(node.leaf, "it lies beside folders that are tables of other data")
        if folders is not None:
            groups.append(self.finish(folders, ""))
        return None, groups

    def fits_beside(self, path: FolderPath, files: _Branch, folders: _Branch) -> bool:
        """Whether a folder's own files are of the same table as its folders."""
        if self.schemas.conflict(files.schema, folders.schema) is not None:
            return False
        return self.compare(path, [files.schema, folders.schema]).together

    def kept(self, branch: _Branch, path: FolderPath) -> tuple[_Branch | None, list[Group]]:
        if self.rules.table_depth is not None and len(path) < self.rules.table_depth:
            return None, [self.finish(branch, "")]
        return branch, []

    # ── one folder's children ────────────────────────────────────────────────────────────────────────────────────────

    def join_folders(
        self, path: FolderPath, whole: dict[str, _Branch], broken: list[str]
    ) -> tuple[_Branch | None, list[Group]]:
        """The branch that the child folders make together, and the tables of those that stay out of it."""
        if not whole:
            return None, []
        keyed = {name: split_name(name)[0] for name in [*whole, *broken]}
        key = Counter(key for key in keyed.values() if key is not None).most_common(1)
        chosen = key[0][0] if key else None
        family = {name: branch for name, branch in whole.items() if keyed[name] == chosen}
        size = sum((found is None) == (chosen is None) for found in keyed.values())
        apart = [
            self.finish(branch, "its folder is not named like the partition folders beside it")
            for name, branch in whole.items()
            if name not in family
        ]
        if not family:
            return None, apart
        depth = self.rules.table_depth
        if depth is not None and len(path) < depth:
            return None, apart + [self.finish(branch, "the table level is set") for branch in family.values()]
        classes = self.classes(family)
        main = max(classes, key=lambda found: len(found.names))
        if len(main.names) < size and len(main.names) <= THRESHOLD * size:
            why = self.conflict_in(classes) or "other folders beside it hold several tables"
            return None, apart + [self.finish(branch, why) for branch in family.values()]
        verdict = self.compare(path, [family[name].schema for name in main.names])
        if not verdict.together:
            return None, apart + [self.finish(branch, verdict.why) for branch in family.values()]
        members = [family[name] for name in main.names]
        stray = self.conflict_in(classes) or ""
        apart += [self.finish(branch, stray) for name, branch in family.items() if name not in set(main.names)]
        return self.joined(path, main, members, verdict), apart

    def joined(self, path: FolderPath, main: _Class, members: list[_Branch], verdict: Verdict) -> _Branch:
        leaves = tuple(leaf for branch in members for leaf in branch.leaves)
        likeness = min([verdict.likeness, *(branch.likeness for branch in members)])
        schema = self.schemas.merged([branch.schema for branch in members], _place(path))
        return _Branch(path, (main.key, *main.keys), schema, leaves, likeness)

    def join_files(self, path: FolderPath, leaf: Leaf) -> tuple[_Branch | None, str]:
        """The branch that a folder's own files make, or why they do not."""
        above = _place(path)
        read = [(file.name, leaf.schemas[file.name]) for file in leaf.files if file.name in leaf.schemas]
        numbers = [self.schemas.number(schema, above + name) for name, schema in read]
        seen: list[int] = []
        for number in dict.fromkeys(numbers):
            for other in seen:
                why = self.schemas.conflict(other, number)
                if why is not None:
                    names = [self.named(leaf, other), self.named(leaf, number)]
                    return None, f"{names[0]} and {names[1]} cannot be one table: {why}"
            seen.append(number)
        verdict = self.compare(path, numbers)
        if not verdict.together:
            return None, verdict.why
        return _Branch(path, (), self.schemas.merged(numbers, above), (leaf,), verdict.likeness), ""

    def named(self, leaf: Leaf, number: int) -> str:
        return next(name for name, schema in sorted(leaf.schemas.items()) if self.schemas.number(schema) == number)

    def classes(self, family: dict[str, _Branch]) -> list[_Class]:
        classes: list[_Class] = []
        known: dict[tuple[tuple[str | None, ...], int], _Class] = {}
        for name, branch in family.items():
            kind = (branch.keys, branch.schema)
            if kind not in known:
                known[kind] = self.class_for(split_name(name)[0], branch, classes)
            known[kind].names.append(name)
        return classes

    def class_for(self, key: str | None, branch: _Branch, classes: list[_Class]) -> _Class:
        for found in classes:
            keys = _common_layout(found.keys, branch.keys, key)
            if keys is not None and all(self.schemas.conflict(other, branch.schema) is None for other in found.schemas):
                found.keys = keys
                found.schemas.append(branch.schema)
                return found
        made = _Class(key, branch.keys, [branch.schema], [])
        classes.append(made)
        return made

    def conflict_in(self, classes: Sequence[_Class]) -> str | None:
        """Why the first two classes are two, naming a folder of each."""
        if len(classes) < 2:
            return None
        one, two = classes[0], classes[1]
        if _common_layout(one.keys, two.keys, one.key) is None:
            why = "the folders below them are laid out differently"
        else:
            pairs = [(a, b) for a in one.schemas for b in two.schemas]
            why = next(
                (f"{found} ({self.files_of(a, b)})" for a, b in pairs if (found := self.schemas.conflict(a, b))), ""
            )
        return f"{one.names[0]} and {two.names[0]} cannot be one table: {why}"

    def files_of(self, *numbers: int) -> str:
        return " and ".join(self.schemas.examples.get(number, "merged") for number in numbers)

    def compare(self, path: FolderPath, numbers: Sequence[int]) -> Verdict:
        """Whether schemas, one for each child of `path`, are alike enough for one table."""
        depth = self.rules.table_depth
        forced = self.rules.combine or (depth is not None and len(path) >= depth)
        return self.schemas.compare(numbers, path in self.rules.known, forced)

    # ── finished tables ──────────────────────────────────────────────────────────────────────────────────────────────

    def finish(self, branch: _Branch, apart: str) -> Group:
        branch = branch if self.rules.table_depth is not None else _lowered(branch)
        depth = len(branch.root) + len(branch.keys)
        leaves = tuple(leaf for leaf in branch.leaves if len(leaf.path) == depth)
        shallow = tuple(leaf for leaf in branch.leaves if len(leaf.path) < depth)
        schema = self.schemas.of(branch.schema)
        if shallow:
            read = [self.schemas.number(found) for leaf in leaves for found in leaf.schemas.values()]
            schema = self.schemas.of(self.schemas.merged(read)) if read else schema
        return Group(branch.root, None, branch.keys, schema, leaves, shallow, _story(branch, schema, leaves, apart))

    def separate(self, leaf: Leaf, why: str) -> list[Group]:
        """A table for each file that was read. Files that were not read are nobody's."""
        return [
            Group(
                leaf.path,
                file.name,
                (),
                schema,
                (Leaf(leaf.path, (file,), {file.name: schema}),),
                (),
                f"One file is{APART}{why}.",
            )
            for file in leaf.files
            if (schema := leaf.schemas.get(file.name)) is not None
        ]


def _place(path: FolderPath) -> str:
    """A folder as it is told in reasons: its path below the target."""
    return "".join(f"{name}/" for name in path)


def _lowered(branch: _Branch) -> _Branch:
    """The branch without plain folders at its top that have no sibling: they hold a table rather than partition it.

    A lone folder that is named like a date or a number stays: it is the first partition of more to come.
    """
    root, keys = branch.root, branch.keys
    while keys and keys[0] is None:
        folders = {leaf.path[len(root) : len(root) + 1] for leaf in branch.leaves}
        (name,) = folders.pop() or ("",)
        if folders or not name or _DATED.fullmatch(name):
            break
        root, keys = (*root, name), keys[1:]
    return replace(branch, root=root, keys=keys)


def _common_layout(
    a: tuple[str | None, ...], b: tuple[str | None, ...], key: str | None
) -> tuple[str | None, ...] | None:
    """The layout that two folders with partition key `key` share, if they do: the same one below both.

    Among `k=v` folders one may also be deeper than the other, by further `k=v` levels: somebody added a key.
    """
    short, long = sorted((a, b), key=len)
    further = long[len(short) :]
    if long[: len(short)] != short or (further and (key is None or None in further)):
        return None
    return long


def _story(branch: _Branch, schema: Schema, leaves: Sequence[Leaf], apart: str) -> str:
    count = sum(len(leaf.files) for leaf in leaves)
    files = "1 file is" if count == 1 else f"{count} files are all"
    traits = ", ".join(f"{name} {value!r}" for name, value in schema.traits if (name, value) != _UNPACKED)
    keys = ", ".join(key or "a plain folder name" for key in branch.keys)
    where = f"in {len(leaves)} partition folders by {keys}" if keys else "in one folder"
    alike = f", with schemas at least {branch.likeness:.0%} alike" if count > 1 and branch.likeness < 0.995 else ""
    story = f"{files} {schema.format}{f' ({traits})' if traits else ''} {where}{alike}."
    return f"{story} It is{APART}{apart}." if apart else story
