"""Studio's Add Current Timestamp: `import gs_now` gives frames the method gs_now."""

from __future__ import annotations

from awsglue._studio import bare, java_pattern, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_now(frame: DataFrame, colName: str, dateFormat: str | None = None) -> DataFrame:
    """The frame with the time of the run: a timestamp, or with a format (strftime's or Spark's) its text."""
    now = F.current_timestamp()
    return frame.withColumn(bare(colName), F.date_format(now, java_pattern(dateFormat)) if dateFormat else now)
