"""Studio's Pivot Rows Into Columns: `import gs_pivot` gives frames the method gs_pivot."""

from __future__ import annotations

from awsglue._studio import bare, column, names_in, visual
from awsglue._tree import column_named
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_PIVOT = "_isinglass_pivot"


@visual
def gs_pivot(frame: DataFrame, aggCol: str, aggFunction: str, colList: str | list[str]) -> DataFrame:
    """A column for each value of the columns in `colList`, holding `aggFunction` of `aggCol`; a row for each rest."""
    by = names_in(colList)
    keyed = frame.withColumn(_PIVOT, F.concat_ws("_", *[column(frame, name).cast("string") for name in by]))
    gone = {_PIVOT, bare(aggCol), *map(bare, by)}
    rest = [column_named(keyed, name) for name in keyed.columns if name not in gone]
    return keyed.groupBy(*rest).pivot(_PIVOT).agg(getattr(F, aggFunction)(column(keyed, aggCol)))
