"""Many small files in few tasks: the options groupFiles and groupSize."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame

from awsglue._formats import whole_number
from awsglue._plans import ReadPlan

MANY_FILES = 50_000  # from here on files are grouped unasked, as on Glue
_GROUP_BYTES = 128 * 1024 * 1024


def grouped(frame: DataFrame, plan: ReadPlan, options: dict[str, Any]) -> DataFrame:
    """The frame read by as many tasks as its files' sizes come to, by groupSize; never by more than Spark makes.

    ValueError for a groupFiles other than inPartition and none, or a groupSize that is no number.
    """
    asked = str(options.get("groupfiles") or "").lower()
    if asked not in ("", "none", "inpartition"):
        raise ValueError(f"The option groupFiles={options['groupfiles']!r} is neither inPartition nor none.")
    if asked == "none" or (asked == "" and len(plan.files) < MANY_FILES):
        return frame
    size = whole_number(options, "groupsize")
    total = sum(group.size for group in plan.groups)
    least = 1 if size else frame.sparkSession.sparkContext.defaultParallelism
    return frame.coalesce(max(least, -(-total // max(1, size or _GROUP_BYTES))))
