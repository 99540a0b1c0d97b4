"""What carries a job's script out, by the job's command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.running.scripts import Equipment, ScriptRun
from engine.running.shell import equip_shell
from engine.spark.spark import SparkSettings
from engine.spark.sparkjobs import SparkJobs

Equip = Callable[[ScriptRun], Equipment]


def executors(settings: SparkSettings, java_home: Path | None) -> dict[str, Equip]:
    """Spark's jobs and streams differ in their definition alone; a Python-shell job has no Spark."""
    spark = SparkJobs(settings, java_home)
    return {"glueetl": spark.equip, "gluestreaming": spark.equip, "pythonshell": equip_shell}
