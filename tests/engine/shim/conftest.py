"""One Spark session for all shim tests, with the shim on the path of the driver and of the Python workers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.shim.peer import Peer

SHIM = Path(__file__).parents[3] / "engine" / "shim"
sys.path.insert(0, str(SHIM))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SHIM), os.environ.get("PYTHONPATH", "")]))
os.environ["PYSPARK_PYTHON"] = sys.executable

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def glue(spark: SparkSession) -> GlueContext:
    from awsglue.context import GlueContext

    return GlueContext(spark.sparkContext)


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    found = Peer(tmp_path / "run.json")
    monkeypatch.setenv("ISINGLASS_RUN_FILE", str(found.run_file))
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(autouse=True)
def no_service_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISINGLASS_RUN_FILE", raising=False)
