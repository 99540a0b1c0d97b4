"""Studio's Regex Extractor: `import gs_regex_extractor` gives frames the method gs_regex_extractor."""

from __future__ import annotations

from awsglue._studio import bare, column, names_in, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_regex_extractor(frame: DataFrame, colName: str, regex: str, newCols: str | list[str]) -> DataFrame:
    """The frame with a column for each group of a regular expression; null where a text does not match."""
    text = column(frame, colName)
    groups = {
        bare(name): F.when(text.rlike(regex), F.regexp_extract(text, regex, at))
        for at, name in enumerate(names_in(newCols), start=1)
    }
    return frame.withColumns(groups)
