"""What Map holds between its steps: once worked out, held while a frame is made of it, then let go."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from tests.engine.shim.frames import sql_frame

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from pyspark.sql import SparkSession


def held(spark: SparkSession) -> set[int]:
    """The numbers of what Spark holds, after what nobody refers to has been collected in Python and in Java."""
    java: Any = spark._jvm
    gc.collect()
    java.System.gc()
    return {info.id() for info in spark.sparkContext._jsc.sc().getRDDStorageInfo()}


def test_results_are_held_while_a_frame_is_made_of_them_and_then_let_go(glue: GlueContext, spark: SparkSession) -> None:
    def triple(record: Any) -> Any:
        return {"n": record["id"] * 3}

    before = held(spark)
    mapped = sql_frame(glue, "select id from range(5)").map(triple)
    later = mapped.toDF().select("n")
    del mapped
    ours = held(spark) - before
    assert len(ours) == 1
    assert sql_frame(glue, "select id from range(2)").map(triple).count() == 2
    assert ours <= held(spark)
    assert sorted(row["n"] for row in later.collect()) == [0, 3, 6, 9, 12]
    del later
    until = time.monotonic() + 30
    while ours & held(spark) and time.monotonic() < until:
        assert sql_frame(glue, "select id from range(2)").map(triple).count() == 2
    assert not ours & held(spark)
