"""Studio's Remove Null Rows: `import gs_null_rows` gives frames the method gs_null_rows."""

from __future__ import annotations

from functools import reduce
from operator import or_

from awsglue._studio import visual
from awsglue._tree import column_named
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType


@visual
def gs_null_rows(frame: DataFrame, extended: bool = False) -> DataFrame:
    """The rows that have a value in some column; `extended` takes empty and blank texts for no values."""
    blank_is_null = str(extended).lower() == "true"

    def held(name: str, is_text: bool) -> Column:
        value = column_named(frame, name)
        return F.coalesce(F.trim(value) != "", F.lit(False)) if is_text and blank_is_null else value.isNotNull()

    holds = [held(field.name, isinstance(field.dataType, StringType)) for field in frame.schema.fields]
    return frame.where(reduce(or_, holds)) if holds else frame
