"""Studio's Identifier: `import gs_sequence_id` gives frames the method gs_sequence_id."""

from __future__ import annotations

import time

from awsglue._studio import bare, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_sequence_id(frame: DataFrame, colName: str, unique: bool = False) -> DataFrame:
    """The frame with a number for each row, no two alike; they are not consecutive.

    A long; with `unique`, so that no other run has the same ones, a decimal(38,0) that begins with the time.
    """
    number = F.monotonically_increasing_id()
    if str(unique).lower() == "true":
        begun = F.lit(f"{time.time_ns() // 1_000}{0:019}").cast("decimal(38,0)")
        number = (begun + number.cast("decimal(19,0)")).cast("decimal(38,0)")
    return frame.withColumn(bare(colName), number)
