"""Studio's Lookup: `import gs_lookup` gives frames the method gs_lookup."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any

from awsglue._studio import bare, column, names_in, visual
from awsglue.context import GlueContext
from pyspark.sql import DataFrame

_KEY = "_isinglass_key"


@visual
def gs_lookup(frame: DataFrame, *given: Any, **named: Any) -> DataFrame:
    """The frame with columns of a catalog's table, from its rows whose keys match; null where there is none.

    Given are the table (`database.table`), the keys to match (`ours=theirs`, or one name for both) and the columns to
    take, in this order: AWS publishes no names of these arguments.
    """
    arguments = [*given, *named.values()]
    if len(arguments) != 3 or str(arguments[0]).count(".") != 1:
        raise ValueError(f"gs_lookup takes database.table, the keys to match and the columns to take, not {arguments}.")
    database, _, table = str(arguments[0]).partition(".")
    keys = [each.partition("=") for each in names_in(arguments[1])]
    rows = GlueContext(frame.sparkSession).create_data_frame_from_catalog(database, table)
    matched = [column(rows, (theirs or ours).strip()).alias(f"{_KEY}{at}") for at, (ours, _, theirs) in enumerate(keys)]
    taken = rows.select(*matched, *[column(rows, name).alias(bare(name)) for name in names_in(arguments[2])])
    same = [column(frame, ours) == taken[f"{_KEY}{at}"] for at, (ours, _, _) in enumerate(keys)]
    return frame.join(taken, reduce(and_, same), "left").drop(*[f"{_KEY}{at}" for at in range(len(keys))])
