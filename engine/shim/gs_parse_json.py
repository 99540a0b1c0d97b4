"""Studio's Parse JSON Column: `import gs_parse_json` gives frames the method gs_parse_json."""

from __future__ import annotations

from awsglue._studio import bare, column
from awsglue.dynamicframe import DynamicFrame


def gs_parse_json(self: DynamicFrame, colName: str, newColName: str | None = None) -> DynamicFrame:
    """What a column's JSON text says, in its place or in a new column; its types are learnt from all texts.

    A record whose text is not JSON becomes an error record.
    """
    if not newColName:
        return self.unbox(colName, "json")
    rows = self.toDF()
    copied = rows.withColumn(bare(newColName), column(rows, colName))
    return DynamicFrame.fromDF(copied, self.glue_ctx, self.name).unbox(f"`{bare(newColName)}`", "json")


DynamicFrame.gs_parse_json = gs_parse_json  # type: ignore[attr-defined]
