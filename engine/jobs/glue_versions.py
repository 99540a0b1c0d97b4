"""What a job's Glue version means: its timeout, and what it asks of Spark.

Glue up to 5.x is Spark 3.5, and where Spark 4 answers otherwise, its jobs get the older answer.
"""

from __future__ import annotations

from collections.abc import Mapping

KNOWN = ("0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0")
BEFORE_3 = KNOWN[:3]
LONGEST_TIMEOUT = 10_080
_REBASED = ("parquet.datetime", "parquet.int96", "avro.datetime")
_REBASE_MODES = [f"{kind}RebaseModeIn{way}" for kind in _REBASED for way in ("Read", "Write")]
_OLD_NAMES = {f"spark.sql.legacy.{name}": f"spark.sql.{name}" for name in _REBASE_MODES}
GLUE_5 = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "EXCEPTION",
    **{f"spark.sql.{name}": "EXCEPTION" for name in _REBASE_MODES},
    "spark.sql.legacy.createHiveTableByDefault": "true",
    "spark.sql.orc.compression.codec": "snappy",
    "spark.sql.execution.pythonUDF.arrow.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "false",
    "spark.sql.legacy.javaCharsets": "true",
    "spark.sql.legacy.codingErrorAction": "true",
}


def profile(glue_version: str) -> dict[str, str]:
    """Spark's settings for jobs of that version; one that is not told, or not a number, is Glue 5.1."""
    return GLUE_5 if _major(glue_version) <= 5 else {}


def under_present_names(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings for Spark, of which Spark 4 refuses some under the names that they had up to Spark 3."""
    return {_OLD_NAMES.get(name, name): value for name, value in settings.items()}


def default_timeout(glue_version: str) -> int:
    """The minutes after which a batch job of that version is ended if it names none itself."""
    return 480 if _major(glue_version) >= 5 else 2_880


def _major(glue_version: str) -> int:
    major = glue_version.partition(".")[0]
    return int(major) if major.isdigit() else 5
