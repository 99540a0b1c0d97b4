"""Studio's Parse JSON Column: `import gs_parse_json` gives frames the method gs_parse_json."""

from __future__ import annotations

from awsglue._studio import bare, column
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import DataFrame


def gs_parse_json(self: DynamicFrame, colName: str, newColName: str | None = None) -> DynamicFrame:
    """What a column's JSON text says, in its place or in a new column; its types are learnt from all texts.

    A record whose text is not JSON becomes an error record.
    """
    if not newColName:
        return self.unbox(colName, "json")
    rows = self.toDF()
    if not rows.columns:
        return self
    copied = rows.withColumn(bare(newColName), column(rows, colName))
    return DynamicFrame.fromDF(copied, self.glue_ctx, self.name).unbox(f"`{bare(newColName)}`", "json")


def _of_rows(self: DataFrame, colName: str, newColName: str | None = None) -> DataFrame:
    frame = DynamicFrame.fromDF(self, GlueContext(self.sparkSession))
    return gs_parse_json(frame, colName, newColName).toDF()


DynamicFrame.gs_parse_json = gs_parse_json  # type: ignore[attr-defined]
DataFrame.gs_parse_json = _of_rows  # type: ignore[attr-defined]
