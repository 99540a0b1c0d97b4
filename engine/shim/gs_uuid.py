"""Studio's UUID: `import gs_uuid` gives frames the method gs_uuid."""

from __future__ import annotations

from awsglue._studio import bare, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_uuid(frame: DataFrame, colName: str = "uuid") -> DataFrame:
    """The frame with a UUID for each row: a new one each time that the row is computed."""
    return frame.withColumn(bare(colName), F.expr("uuid()"))
