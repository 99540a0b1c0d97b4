"""getResolvedOptions: the arguments a run was started with, as a script asks for them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

__all__ = ["GlueArgumentError", "getResolvedOptions"]
_RESERVED = ("job_bookmark_option", "continuation_option", "job_bookmark_from", "job_bookmark_to")
_DISABLED, _PAUSED = "job-bookmark-disable", "job-bookmark-pause"
_BOOKMARKS = {
    "continuation-enabled": "job-bookmark-enable",
    "continuation-readonly": _PAUSED,
    "continuation-ignore": _DISABLED,
}
_IDS = ("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION")
_LENIENT = ("JOB_ID", "JOB_RUN_ID", "TempDir", "RedshiftTempDir")
_ALWAYS = (*_IDS, "RedshiftTempDir", "TempDir", "encryption_type", "enable_data_lineage")


_latest: dict[str, Any] = {}


def latest_temp_dir() -> str | None:
    """TempDir of the last getResolvedOptions call in this process; None without one."""
    return _latest.get("TempDir")


class GlueArgumentError(Exception):
    """An argument that a script needs is missing or unusable."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: Sequence[str], options: Sequence[str], allow_abbrev: bool = False) -> dict[str, Any]:
    """The values of the requested options, and of those every run has (None when absent).

    `args` is sys.argv, whose first element is passed over. A requested option that is missing raises
    GlueArgumentError; a reserved one RuntimeError; one that is known or asked for twice argparse.ArgumentError. JOB_ID
    and JOB_RUN_ID may be asked for, and the temporary folders are never required. Hyphens in a name become
    underscores in the key. Unknown arguments are ignored, the last of several wins, and values are text.
    """
    reserved = [name for name in options if name.replace("-", "_") in _RESERVED and name != name.replace("-", "_")]
    if reserved:
        raise RuntimeError(f"Using reserved arguments {', '.join(reserved)}")
    parsed = vars(_parser(options, allow_abbrev).parse_known_args(list(args)[1:])[0])
    resolved = {name: value for name, value in parsed.items() if name != "continuation_option"}
    resolved["job_bookmark_option"] = _bookmark(parsed)
    _check_range(resolved)
    resolved["TempDir"] = resolved["TempDir"] or resolved["RedshiftTempDir"]
    resolved["RedshiftTempDir"] = resolved["TempDir"]
    _latest.update(resolved)
    return resolved


def _parser(options: Sequence[str], allow_abbrev: bool) -> _Parser:
    parser = _Parser(add_help=False, allow_abbrev=allow_abbrev)
    for name in _ALWAYS:
        parser.add_argument(f"--{name.replace('_', '-') if name[0].islower() else name}", dest=name)
    parser.add_argument("--job-bookmark-option", choices=[*_BOOKMARKS.values()])
    parser.add_argument("--continuation-option", choices=[*_BOOKMARKS])
    parser.add_argument("--job-bookmark-from")
    parser.add_argument("--job-bookmark-to")
    for name in options:
        if name not in _LENIENT:
            parser.add_argument(f"--{name}", required=True)
    return parser


def _bookmark(parsed: dict[str, Any]) -> str:
    old = parsed["continuation_option"]
    return str(parsed["job_bookmark_option"] or (_BOOKMARKS[old] if old else _DISABLED))


def _check_range(resolved: dict[str, Any]) -> None:
    """A pause goes with both ends of a range of runs or with none; both ends go only with a pause."""
    ends = {name: resolved[name] for name in ("job_bookmark_from", "job_bookmark_to")}
    absent = [name for name, value in ends.items() if value is None]
    paused = resolved["job_bookmark_option"] == _PAUSED
    if paused and len(absent) == 1:
        raise RuntimeError(f"Missing option or value for --{absent[0].replace('_', '-')}")
    if not paused and not absent:
        raise RuntimeError("Invalid option(s): --job-bookmark-from and --job-bookmark-to need job-bookmark-pause")
