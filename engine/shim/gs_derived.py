"""Studio's Derived Column: `import gs_derived` gives frames the method gs_derived."""

from __future__ import annotations

from awsglue._studio import bare, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_derived(frame: DataFrame, colName: str, expr: str) -> DataFrame:
    """The frame with a column, new or changed, that an expression of Spark's SQL computes."""
    return frame.withColumn(bare(colName), F.expr(expr))
