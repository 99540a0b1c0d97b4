"""Studio's Remove Null Rows: `import gs_null_rows` gives frames the method gs_null_rows."""

from __future__ import annotations

from functools import reduce
from operator import or_

from awsglue._studio import visual
from awsglue._tree import column_named
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, MapType, StringType, StructField


@visual
def gs_null_rows(frame: DataFrame, extended: bool = False) -> DataFrame:
    """The rows that have a value in some column; `extended` takes blank texts, empty arrays and maps for no values."""
    by_content = str(extended).lower() == "true"

    def held(field: StructField) -> Column:
        value = column_named(frame, field.name)
        if by_content and isinstance(field.dataType, StringType):
            return F.coalesce(F.trim(value) != "", F.lit(False))
        if by_content and isinstance(field.dataType, ArrayType | MapType):
            return F.coalesce(F.size(value) > 0, F.lit(False))
        return value.isNotNull()

    return frame.where(reduce(or_, map(held, frame.schema.fields)))
