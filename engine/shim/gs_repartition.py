"""Studio's Autobalance Processing: `import gs_repartition` gives frames the method gs_repartition."""

from __future__ import annotations

from awsglue._studio import column, names_in, visual
from pyspark.sql import DataFrame


@visual
def gs_repartition(
    frame: DataFrame, numPartitionsStr: str | int | None = None, colList: str | list[str] | None = None
) -> DataFrame:
    """The rows spread evenly over that many partitions (as many as the job has cores for, if not said)."""
    number = int(numPartitionsStr) if numPartitionsStr else frame.sparkSession.sparkContext.defaultParallelism
    return frame.repartition(number, *[column(frame, name) for name in names_in(colList or [])])
