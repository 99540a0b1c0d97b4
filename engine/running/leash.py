"""A process on a leash lives for the one that started it: when that one ends, however it does, its pipe says so.

Usage: python -P -m engine.running.leash COMMAND…, in a session of its own, puts any program on one.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys

from engine.running.processes import end_session

_INPUT = 0
_LOOK_SECONDS = 0.2


def hear(seconds: float) -> str | None:
    """What the starter says within so many seconds, None if nothing.

    If it has ended, the rest of this session is killed. Raises SystemExit then.
    """
    ready, _, _ = select.select([_INPUT], [], [], seconds)
    if not ready:
        return None
    said = os.read(_INPUT, 1 << 16)
    if not said:
        end_session(os.getsid(0), spare=os.getpid())
        sys.exit("the process that this one is for has ended")
    return said.decode().strip()


def await_child(child: subprocess.Popen[bytes]) -> int:
    """Wait for a child, and meanwhile for the end of the starter."""
    while child.poll() is None:
        hear(_LOOK_SECONDS)
    return child.returncode


if __name__ == "__main__":
    sys.exit(await_child(subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)))
