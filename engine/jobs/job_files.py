"""The files that a job names, in their run's folder: its script, and what its arguments bring, from disk or from S3."""

from __future__ import annotations

import codecs
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import DomainError
from crawlers.places import open_place, scheme_of
from crawlers.places.model import local_name, reason, shown
from engine.errors import ArgumentFileUnusable, ScriptNotFound
from engine.jobs.arguments import listed
from engine.model import Job

_IMPORTED_WHOLE = (".zip", ".whl", ".egg")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Glue Studio names the modules of its visual transforms in AWS's own buckets; the shim has them.
_OF_STUDIO = re.compile(r"s3[an]?://aws-glue-studio-transforms-[^/]+/(?P<module>gs_\w+\.py)")
_SHIM, _NEVER_IMPORTED = Path(__file__).parents[1] / "shim", "gs_common.py"


@dataclass(frozen=True)
class JobFiles:
    """`jars` for Java; `python_path` for the script and its workers; `modules` as pip is to be told of them."""

    jars: tuple[Path, ...]
    python_path: tuple[Path, ...]
    modules: tuple[str, ...]


NO_FILES = JobFiles((), (), ())


def lay_out_script(job: Job, arguments: Mapping[str, str], folder: Path) -> Path:
    """The script in `folder`, which is made: the text that the job holds, or a copy of a file on disk or in S3.

    Raises ScriptNotFound.
    """
    place = arguments.get("--scriptLocation", "").strip()
    if job.script_text is not None and not place:
        name = Path(job.script).name
        content = job.script_text.encode()
    else:
        place = place or job.script
        name = place.rstrip("/").rpartition("/")[2]
        try:
            content = _read(place)
        except (DomainError, OSError) as error:
            raise ScriptNotFound(path=shown(place), why=_why(error)) from error
    script = folder / (name or "script.py")
    folder.mkdir(exist_ok=True)
    script.write_bytes(_as_utf8(content))
    return script


def bring(job: str, arguments: Mapping[str, str], work: Path) -> JobFiles:
    """Fetch what the arguments name to below `work`, which the script runs in. Raises ArgumentFileUnusable.

    Jars on disk are not copied.
    """
    beside = work / ".job"
    jars = [
        _local(place) or _fetch(job, "--extra-jars", place, beside / "jars")
        for place in listed(arguments, "--extra-jars")
    ]
    for jar in jars:
        if not jar.is_file():
            raise ArgumentFileUnusable(argument="--extra-jars", job=job, place=jar, why="there is no such file")
    for place in listed(arguments, "--extra-files"):
        _fetch(job, "--extra-files", place, work)
    modules = [
        str(_fetch(job, "--additional-python-modules", name, beside / "modules")) if _is_file(name) else name
        for name in listed(arguments, "--additional-python-modules")
    ]
    return JobFiles(tuple(jars), tuple(_python_path(job, arguments, beside / "python")), tuple(modules))


def _python_path(job: str, arguments: Mapping[str, str], folder: Path) -> list[Path]:
    """Archives by themselves, and one folder for single modules, in the order in which they are named."""
    found: list[Path] = []
    for place in listed(arguments, "--extra-py-files"):
        if _is_of_studio(job, place):
            continue
        suffix = Path(place).suffix.lower()
        if suffix not in (".py", *_IMPORTED_WHOLE):
            why = "it takes files that end with .py, .zip, .whl or .egg, no folders"
            raise ArgumentFileUnusable(argument="--extra-py-files", job=job, place=shown(place), why=why)
        file = _fetch(job, "--extra-py-files", place, folder)
        found.append(file if suffix in _IMPORTED_WHOLE else folder)
    return list(dict.fromkeys(found))


def _is_of_studio(job: str, place: str) -> bool:
    """Whether it is a module of Glue Studio's. Raises ArgumentFileUnusable for one that the shim does not have."""
    studios = _OF_STUDIO.fullmatch(place)
    if studios is None:
        return False
    module = studios["module"]
    if module != _NEVER_IMPORTED and not (_SHIM / module).is_file():
        why = "Isinglass does not have this transform of Glue Studio's; write the step on frame.toDF()"
        raise ArgumentFileUnusable(argument="--extra-py-files", job=job, place=place, why=why)
    return True


def _is_file(module: str) -> bool:
    """Whether a module is named by the place of a file, and not as pip names it; pip itself reads http."""
    return scheme_of(module) in ("s3", "s3a", "s3n") or (
        scheme_of(module) == "file" and Path(local_name(module)).is_file()
    )


def _local(place: str) -> Path | None:
    return Path(local_name(place)) if scheme_of(place) == "file" else None


def _fetch(job: str, argument: str, place: str, folder: Path) -> Path:
    target = folder / place.rstrip("/").rpartition("/")[2]
    folder.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise ArgumentFileUnusable(
            argument=argument, job=job, place=shown(place), why="there is another file of its name"
        )
    try:
        _copy(place, target)
    except (DomainError, OSError) as error:
        raise ArgumentFileUnusable(argument=argument, job=job, place=shown(place), why=_why(error)) from error
    return target


def _copy(place: str, target: Path) -> None:
    local = _local(place)
    if local is not None:
        shutil.copyfile(local, target)
        return
    found = open_place(place)
    if found.only is None:
        raise IsADirectoryError("it is a folder")
    with found.open(found.only) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _read(place: str) -> bytes:
    local = _local(place)
    if local is not None:
        return local.read_bytes()
    found = open_place(place)
    if found.only is None:
        raise IsADirectoryError("it is a folder")
    with found.open(found.only) as source:
        return source.read()


def _why(error: Exception) -> str:
    """A place's failure already says which place it was: only the reason is told again."""
    told = error.facts.get("why") if isinstance(error, DomainError) else None
    return str(told or reason(error)).rstrip(".")


def _as_utf8(content: bytes) -> bytes:
    """Python reads UTF-8 with or without its mark, and all ends of lines; UTF-16, as Windows saves it, it does not."""
    return content.decode("utf-16").encode() if content.startswith(_WIDE) else content
