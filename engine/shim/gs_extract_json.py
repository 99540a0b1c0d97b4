"""Studio's Extract JSON Path: `import gs_extract_json` gives frames the method gs_extract_json."""

from __future__ import annotations

from awsglue._studio import bare, column, names_in, visual
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@visual
def gs_extract_json(
    frame: DataFrame, colName: str, jsonPaths: str | list[str], colList: str | list[str], dropCol: bool = False
) -> DataFrame:
    """The frame with a column of text for each JSON path into a column's JSON; null where there is nothing.

    A path may leave out its beginning, `$.`. With `dropCol` the column of JSON goes.
    """
    text, paths, names = column(frame, colName), names_in(jsonPaths), [bare(each) for each in names_in(colList)]
    if len(paths) != len(names):
        raise ValueError(f"gs_extract_json takes one column for each path: {paths} are not as many as {names}.")
    found = {name: F.get_json_object(text, _rooted(path)) for name, path in zip(names, paths, strict=True)}
    gone = [bare(colName)] if str(dropCol).lower() == "true" and bare(colName) not in names else []
    return frame.withColumns(found).drop(*gone)


def _rooted(path: str) -> str:
    if path.startswith("$"):
        return path
    return f"${path}" if path.startswith("[") else f"$.{path}"
