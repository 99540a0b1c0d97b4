"""Studio's Split String: `import gs_split` gives frames the method gs_split."""

from __future__ import annotations

from awsglue._studio import bare, column, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_split(frame: DataFrame, colName: str, pattern: str, newColName: str | None = None) -> DataFrame:
    """The frame with a text split at a regular expression: an array in its own place, or in a new column."""
    return frame.withColumn(bare(newColName or colName), F.split(column(frame, colName), pattern))
