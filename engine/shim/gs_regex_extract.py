"""Studio's Regex Extractor: `import gs_regex_extract` gives frames the method gs_regex_extract."""

from __future__ import annotations

from typing import Any

from awsglue._studio import bare, column, names_in, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_regex_extract(frame: DataFrame, colName: str, regex: str, newCols: str | list[str]) -> DataFrame:
    """The frame with a column for each group of a regular expression; without groups, one for what matches.

    A group whose column has no name is passed over. Where a text does not match they are empty, of a null null.
    """
    text, names = column(frame, colName).cast("string"), names_in(newCols)
    java: Any = frame.sparkSession._jvm
    groups = java.java.util.regex.Pattern.compile(regex).matcher("").groupCount()
    if len(names) > max(groups, 1):
        raise ValueError(f"gs_regex_extract takes a column for each group: {regex!r} has {groups}, and not {names}.")
    places = enumerate(names, start=1 if groups else 0)
    return frame.withColumns({bare(name): F.regexp_extract(text, regex, at) for at, name in places if name})
