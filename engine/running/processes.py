"""Operating-system processes: who one is beyond its number, and ending a whole session of them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from functools import cache
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NUMBERS = Path("/proc/self/ns/pid")
_OF_THE_MACHINE = "pid:[4026531836]"


def identity(pid: int) -> str | None:
    """What tells the process `pid` from any other that has, had or will have that number; None if there is none."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{pid}:{_started(process)}"
    except psutil.NoSuchProcess:
        return None


def alive(known: str) -> bool:
    """Whether the process that `identity` called `known` still runs."""
    return identity(int(known.partition(":")[0])) == known


def pid_of(known: str) -> int:
    return int(known.partition(":")[0])


def _started(process: psutil.Process) -> str:
    """The moment of its start: in clock ticks since this boot, which no change of clock moves, where that is told."""
    if not _BOOT_ID.exists():
        return f"{process.create_time():.2f}"
    try:
        stat = Path(f"/proc/{process.pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError) as error:  # it ended in between
        raise psutil.NoSuchProcess(process.pid) from error
    return f"{stat.rpartition(')')[2].split()[19]}:{machine()}"


def from_this_boot(known: str) -> bool:
    """Whether the process called `known` was started on this machine, since it was switched on."""
    return not _BOOT_ID.exists() or known.rpartition(":")[2] == machine()


@cache
def machine() -> str:
    """What tells this machine, since it was switched on, from any other; empty where the system does not say.

    A container whose processes have numbers of their own is a machine of its own: nobody outside sees what runs in it.
    """
    if not _BOOT_ID.exists():
        return ""
    boot = _BOOT_ID.read_text().strip()
    numbers = str(_NUMBERS.readlink()) if _NUMBERS.is_symlink() else _OF_THE_MACHINE
    return boot if numbers == _OF_THE_MACHINE else f"{boot}/{''.join(filter(str.isdigit, numbers))}"


def end_session_of(known: str, mark: bytes | None = None) -> None:
    """Kill the session that the process `identity` called `known` led, also after that process itself has died.

    While a member lives, the system gives nobody else that number; if another process has it, no member was left.
    Those with `mark` in their environment are killed, too.
    """
    led = from_this_boot(known) and identity(pid_of(known)) in (None, known)
    if led or mark is not None:
        end_session(pid_of(known) if led else None, mark=mark)


def session_members(session: int) -> list[int]:
    """The processes of a session. Spark's Python daemon makes a process group of its own, but stays in the session."""
    return [pid for pid in psutil.pids() if _session_of(pid) == session]


def marked(mark: bytes) -> list[int]:
    """The processes that have `mark`, a `NAME=value`, in their environment: a session can be left, and that is not."""
    return [pid for pid in psutil.pids() if mark in _environment_of(pid)]


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _environment_of(pid: int) -> list[bytes]:
    """Of a process that has ended, or is not ours, nothing."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def end_session(
    session: int | None, spare: int | None = None, mark: bytes | None = None, patience_seconds: float = 10.0
) -> None:
    """Kill every process of `session`, and those with `mark`, but `spare`, until none is left or patience ends."""
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline:
        found = {*(session_members(session) if session else ()), *(marked(mark) if mark else ())} - {spare}
        members = [pid for pid in found if identity(pid) is not None]
        if not members:
            return
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
