"""Which of a place's files are data: hidden names, empty files, folder markers and exclusions are left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from catalog.errors import InvalidInput
from crawlers.places import FileEntry, Folder, FolderPath, Place

DEEPEST = 100
_MARKER = "_$folder$"
EMPTY = "it is empty"
EXCLUDED = "an exclusion pattern matches it"
ODD = "a level of its key is empty, . or .., which no reader of files can open"
HIDDEN = "its name is hidden (it begins with _ or ., or is a folder marker)"


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder's data files, and (name, reason) of its other files. `faults` could not be looked at."""

    path: FolderPath
    files: tuple[FileEntry, ...]
    skipped: tuple[tuple[str, str], ...]
    faults: tuple[tuple[str, str], ...]


def is_hidden(name: str) -> bool:
    """Whether Spark and Hive would not see a file or folder of this name. A `_k=v` folder is a partition to both."""
    return name.endswith(_MARKER) or name.startswith((".", "/")) or (name.startswith("_") and "=" not in name)


def _nobody(path: FolderPath) -> None:
    """Hidden folders are of no interest."""


def list_files(
    place: Place,
    exclusions: tuple[str, ...],
    passing: Callable[[FolderPath], None] = _nobody,
    entering: Callable[[], None] = lambda: None,
) -> Iterator[Listed]:
    """The folders of `place` that hold anything, with their files sorted into data and the rest.

    A folder may come in parts (see Place). `passing` is told of each hidden folder, which is not entered. `entering` is
    called for each folder that is come upon, also those that hold nothing, and may raise to end the walk.
    """
    too_deep: list[FolderPath] = []

    def enter(path: FolderPath) -> bool:
        if len(path) > DEEPEST:
            too_deep.append(path)
        elif is_hidden(path[-1]):
            passing(path)
        entering()
        return len(path) <= DEEPEST and not is_hidden(path[-1])

    for folder in place.walk(enter):
        yield sort_out(folder, exclusions)
    for path in too_deep:
        yield Listed(path, (), (), (("", f"the folder lies more than {DEEPEST} levels deep"),))


def sort_out(folder: Folder, exclusions: tuple[str, ...]) -> Listed:
    """A folder's files, those that are data apart from the rest."""
    patterns = [compile_glob(text) for text in exclusions]
    plain = [1 for file in folder.files if (name := file.name)[0] not in "._" and name[-1] != "$" and file.size]
    if len(plain) == len(folder.files) and not patterns:  # mostly so: of a million files, each is looked at once
        return Listed(folder.path, folder.files, (), folder.faults)
    files: list[FileEntry] = []
    skipped: list[tuple[str, str]] = []
    above = "".join(f"{name}/" for name in folder.path)
    for file in folder.files:
        if (file.name[0] in "._/" or file.name[-1] == "$") and is_hidden(file.name):  # asked of each of a million
            skipped.append((file.name, ODD if "/" in file.name else HIDDEN))
        elif file.size == 0:
            skipped.append((file.name, EMPTY))
        elif patterns and any(pattern.fullmatch(above + file.name) for pattern in patterns):
            skipped.append((file.name, EXCLUDED))
        else:
            files.append(file)
    return Listed(folder.path, tuple(files), tuple(skipped), folder.faults)


@lru_cache(maxsize=256)
def compile_glob(text: str) -> re.Pattern[str]:
    """Glue's exclusion pattern as a regular expression over the path below the target.

    `*` stays within a level and `**` crosses levels; `?`, `[a-z]`, `[!a]`, `{a,b}` and `\\` mean what they mean in a
    shell; a leading dot is an ordinary sign. Raises InvalidInput for a bracket that is not closed.
    """
    out, at, braces = "", 0, False
    while at < len(text):
        sign = text[at]
        at += 1
        if sign == "*":
            if text.startswith("*", at):
                at, out = at + 1, out + ".*"
            else:
                out += "[^/]*"
        elif sign == "?":
            out += "[^/]"
        elif sign == "[":
            members, at = _members(text, at)
            out += members
        elif sign == "{" and not braces:
            braces, out = True, out + "(?:"
        elif sign == "}" and braces:
            braces, out = False, out + ")"
        elif sign == "," and braces:
            out += "|"
        elif sign == "\\" and at < len(text):
            at, out = at + 1, out + re.escape(text[at])
        else:
            out += re.escape(sign)
    if braces:
        raise InvalidInput(what=f"exclusion {text!r}", why="a { is not closed.")
    return re.compile(out, re.DOTALL)


def _members(text: str, at: int) -> tuple[str, int]:
    """The bracket expression that begins after `[` at `at`, as a regular expression, and where it ends."""
    end = text.find("]", at + 2 if text.startswith("!", at) else at + 1)
    if end < 0:
        raise InvalidInput(what=f"exclusion {text!r}", why="a [ is not closed.")
    inner = text[at:end]
    negated, inner = inner.startswith("!"), inner.removeprefix("!")
    inner = re.sub(r"([\\\]\[^&~|])", r"\\\1", inner)
    # A class never crosses a level, negated or not.
    return f"(?!/)[{'^' if negated else ''}{inner}]", end + 1
