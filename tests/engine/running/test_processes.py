"""Operating-system processes: identity, and the end of a whole session."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from engine.running.processes import (
    alive,
    end_session,
    end_session_of,
    from_this_boot,
    identity,
    pid_of,
    session_members,
)

SLEEP = "import time; time.sleep(600)"
# A leader with a child of its own process group, and a grandchild of yet another, which all stay in the session.
FAMILY = f"""
import subprocess, sys
code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}], process_group=0); {SLEEP}"
subprocess.Popen([sys.executable, "-c", code], process_group=0)
print("ready", flush=True)
{SLEEP}
"""
Started = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Started]:
    """Starts Python on a program in a session of its own; whatever is left of these sessions is killed in the end."""
    running: list[subprocess.Popen[str]] = []

    def begin(program: str) -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen([sys.executable, "-c", program], start_new_session=True, stdout=subprocess.PIPE, text=True)
        )
        return running[-1]

    yield begin
    for process in running:
        for pid in session_members(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def wait_until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.02)


def living(session: int) -> list[int]:
    return [pid for pid in session_members(session) if identity(pid) is not None]


def groups(session: int) -> int:
    """How many process groups the session has: a new child is for a moment still in its parent's."""
    return len({os.getpgid(pid) for pid in living(session)})


def known(pid: int) -> str:
    found = identity(pid)
    assert found is not None
    return found


def test_a_live_process_has_one_identity_all_its_life(start: Started) -> None:
    process = start(SLEEP)
    first = known(process.pid)
    assert (pid_of(first), alive(first)) == (process.pid, True)
    assert known(process.pid) == first
    assert known(os.getpid()) != first


def test_a_process_that_ended_has_none_whether_or_not_its_parent_has_heard(start: Started) -> None:
    process = start(SLEEP)
    was = known(process.pid)
    process.kill()
    wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
    assert (identity(process.pid), alive(was)) == (None, False)
    process.wait()
    assert (identity(process.pid), alive(was)) == (None, False)


def test_the_number_of_no_process_has_no_identity() -> None:
    assert identity(2**22 + 1) is None


def test_the_same_number_with_another_beginning_is_another_process(start: Started) -> None:
    was = known(start(SLEEP).pid)
    pid, ticks, boot = was.split(":")
    assert alive(was)
    assert not alive(f"{pid}:{int(ticks) - 1}:{boot}")
    assert not alive(f"{pid}:{ticks}:another-boot")


def test_ending_a_session_ends_grandchildren_in_process_groups_of_their_own(start: Started) -> None:
    leader = start(FAMILY)
    wait_until(lambda: groups(leader.pid) == 3)
    end_session(leader.pid)
    assert living(leader.pid) == []
    assert leader.wait() == -signal.SIGKILL


def test_a_session_is_ended_but_for_the_one_that_is_spared(start: Started) -> None:
    leader = start(FAMILY)
    wait_until(lambda: groups(leader.pid) == 3)
    end_session(leader.pid, spare=leader.pid)
    assert living(leader.pid) == [leader.pid]


def test_what_a_dead_leader_left_behind_is_ended(start: Started) -> None:
    leader = start(FAMILY)
    wait_until(lambda: groups(leader.pid) == 3)
    was = known(leader.pid)
    leader.kill()
    leader.wait()
    assert len(living(leader.pid)) == 2
    end_session_of(was)
    assert living(leader.pid) == []


def test_a_process_that_merely_has_the_number_is_not_harmed(start: Started) -> None:
    stranger = start(SLEEP)
    pid, ticks, boot = known(stranger.pid).split(":")
    end_session_of(f"{pid}:{int(ticks) - 1}:{boot}")
    end_session_of(f"{pid}:{ticks}:another-boot")
    assert stranger.poll() is None
    end_session_of(f"{pid}:{ticks}:{boot}")
    assert stranger.wait() == -signal.SIGKILL


def test_ending_a_session_that_has_ended_is_nothing_to_wait_for(start: Started) -> None:
    process = start("")
    process.wait()
    began = time.monotonic()
    end_session(process.pid)
    assert time.monotonic() - began < 5


def test_a_process_in_a_container_is_one_of_another_machine() -> None:
    program = "import os; from engine.running.processes import *; own = identity(os.getpid()); print(own, alive(own))"
    root = [] if os.geteuid() == 0 else ["--map-root-user"]
    words = ["unshare", *root, "--pid", "--fork", "--mount-proc", sys.executable, "-c", program]
    own, lives = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert lives == "True"
    assert not from_this_boot(own)
