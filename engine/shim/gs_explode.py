"""Studio's Explode Array Or Map Into Rows: `import gs_explode` gives frames the method gs_explode."""

from __future__ import annotations

from awsglue._studio import bare, column, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import MapType


@visual
def gs_explode(frame: DataFrame, colName: str, newCol: str, outer: bool = False) -> DataFrame:
    """A row for each element of an array; of a map, for each entry, a struct of key and value.

    A record whose array is null or empty has no row, or with `outer` one whose element is null.
    """
    found = column(frame, colName)
    several = F.map_entries(found) if isinstance(frame.select(found).schema[0].dataType, MapType) else found
    each = F.explode_outer(several) if str(outer).lower() == "true" else F.explode(several)
    return frame.withColumn(bare(newCol), each)
