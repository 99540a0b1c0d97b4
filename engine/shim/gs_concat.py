"""Studio's Concatenate Columns: `import gs_concat` gives frames the method gs_concat."""

from __future__ import annotations

from awsglue._studio import bare, column, names_in, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_concat(frame: DataFrame, colName: str, colList: str | list[str], spacer: str = "") -> DataFrame:
    """The frame with a text of several columns' values, `spacer` between them; nulls are left out."""
    texts = [column(frame, name).cast("string") for name in names_in(colList)]
    return frame.withColumn(bare(colName), F.concat_ws(spacer or "", *texts))
