"""Studio's To Timestamp: `import gs_to_timestamp` gives frames the method gs_to_timestamp."""

from __future__ import annotations

from awsglue._studio import bare, column, visual
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

_PER_SECOND = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}
_LONGEST_SECONDS, _LONGEST_MILLISECONDS = 10**11, 10**14  # of the year 5138


@visual
def gs_to_timestamp(
    frame: DataFrame, colName: str, colType: str = "autodetect", newColName: str | None = None
) -> DataFrame:
    """The frame with a column as timestamps; null where a value is none.

    `colType`: iso (text), seconds, milliseconds or microseconds since 1970, or autodetect, which tells by the value.
    """
    found = column(frame, colName)
    if colType == "iso":
        made = found.try_cast("timestamp")
    elif colType in _PER_SECOND:
        made = _instant(found.try_cast("double"), _PER_SECOND[colType])
    elif colType == "autodetect":
        made = _told_by_value(found)
    else:
        raise ValueError(f"gs_to_timestamp: colType is {colType!r}; it is autodetect, iso, {', '.join(_PER_SECOND)}.")
    return frame.withColumn(bare(newColName or colName), made)


def _told_by_value(value: Column) -> Column:
    text = value.cast("string")
    number = F.when(text.rlike(r"^-?\d{5,}(\.\d+)?$"), text.try_cast("double"))
    size = F.abs(number)
    since_1970 = (
        F.when(size < _LONGEST_SECONDS, _instant(number, 1))
        .when(size < _LONGEST_MILLISECONDS, _instant(number, 1_000))
        .otherwise(_instant(number, 1_000_000))
    )
    return F.when(number.isNull(), text.try_cast("timestamp")).otherwise(since_1970)


def _instant(number: Column, per_second: int) -> Column:
    return F.timestamp_micros((number * (1_000_000 / per_second)).try_cast("bigint"))
