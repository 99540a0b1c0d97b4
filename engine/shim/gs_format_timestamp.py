"""Studio's Format Timestamp: `import gs_format_timestamp` gives frames the method gs_format_timestamp."""

from __future__ import annotations

from awsglue._studio import bare, column, java_pattern, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_format_timestamp(frame: DataFrame, colName: str, dateFormat: str, newColName: str | None = None) -> DataFrame:
    """The frame with a timestamp as text; the format is strftime's or Spark's."""
    text = F.date_format(column(frame, colName).try_cast("timestamp"), java_pattern(dateFormat))
    return frame.withColumn(bare(newColName or colName), text)
