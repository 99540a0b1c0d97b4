"""Studio's Array To Columns: `import gs_array_to_cols` gives frames the method gs_array_to_cols."""

from __future__ import annotations

from awsglue._studio import bare, column, names_in, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_array_to_cols(
    frame: DataFrame, colName: str, colList: str | list[str], indexes: str | list[str] | None = None
) -> DataFrame:
    """The frame with an array's elements as columns: the first ones, or those whose numbers (from 1) are given."""
    array, names = column(frame, colName), names_in(colList)
    places = [int(each) for each in names_in(indexes)] if indexes else list(range(1, len(names) + 1))
    if len(places) != len(names) or min(places) < 1:
        raise ValueError(f"gs_array_to_cols takes one index, from 1, for each of {names}, not {indexes!r}.")
    return frame.withColumns({bare(n): F.get(array, at - 1) for n, at in zip(names, places, strict=True)})
