"""Studio's Unpivot Columns Into Rows: `import gs_unpivot` gives frames the method gs_unpivot."""

from __future__ import annotations

from typing import Any

from awsglue._studio import bare, names_in, visual
from awsglue._tree import column_named
from pyspark.sql import DataFrame


@visual
def gs_unpivot(frame: DataFrame, *given: Any, **named: Any) -> DataFrame:
    """A row for each of some columns, with its name in one new column and its value in another; the others stay.

    Given are the two new columns' names, and the columns. AWS publishes no names of these arguments: the columns are
    told by being there, the two others by their order.
    """
    arguments = [*given, *named.values()]
    told = next((each for each in arguments if each and {bare(n) for n in names_in(each)} <= {*frame.columns}), None)
    new = [str(each) for each in arguments if each is not told]
    if told is None or len(new) != 2:
        raise ValueError(f"gs_unpivot takes two names of new columns, and columns that are there, not {arguments}.")
    columns = [bare(name) for name in names_in(told)]
    rest = tuple(column_named(frame, name) for name in frame.columns if name not in columns)
    values = tuple(column_named(frame, name) for name in columns)
    return frame.unpivot(rest, values, bare(new[0]), bare(new[1]))
