"""The main job on the operating system's own Java, as those who have one will run it."""

from __future__ import annotations

from pathlib import Path

import cramjam
import pytest

from tests.journeys.flights import JOB, ROWS, demand_rows, set_up
from tests.journeys.installation import Installation

INSTALL = "apt-get install openjdk-17-jre-headless"


def system_java() -> Path:
    """The home of Debian's Java 17."""
    homes = sorted(Path("/usr/lib/jvm").glob("java-17-openjdk-*"))
    if not homes:
        pytest.fail(f"the system's Java 17 is not there; install it: {INSTALL}")
    return homes[0]


@pytest.mark.system
def test_the_main_job_runs_on_the_systems_java(installation: Installation) -> None:
    home = system_java()
    set_up(installation)
    done = installation.try_("job", "run", JOB, "--output", "json", java_home=home)
    assert done.returncode == 0, done.stderr
    demand_rows(installation, installation.output, ROWS)
    [run] = installation.engine.list_runs("job").items
    [events] = (installation.home / "runs" / run.id / "events").iterdir()
    assert f'"Java Home":"{home}"'.encode() in cramjam.zstd.decompress(events.read_bytes()).read()
