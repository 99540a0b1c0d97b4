"""Frames of records written down in a test, and what became of them as plain values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


def json_frame(glue: GlueContext, folder: Path, *records: dict[str, Any], name: str = "in") -> DynamicFrame:
    """A frame born from JSON lines, one file in `folder/name`."""
    (folder / name).mkdir()
    (folder / name / "a.json").write_text("\n".join(json.dumps(record) for record in records))
    return glue.create_dynamic_frame.from_options("s3", {"paths": [str(folder / name)]}, "json")


def sql_frame(glue: GlueContext, query: str, name: str = "") -> DynamicFrame:
    """A frame born from a DataFrame."""
    from awsglue.dynamicframe import DynamicFrame

    return DynamicFrame.fromDF(glue.spark_session.sql(query), glue, name)


def rows(frame: DynamicFrame) -> list[dict[str, Any]]:
    """The records as toDF shows them."""
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def values(frame: DynamicFrame) -> list[tuple[Any, ...]]:
    """The records as tuples, in order."""
    return sorted((tuple(row.values()) for row in rows(frame)), key=repr)


def kinds(frame: DynamicFrame) -> str:
    """The schema as Spark writes it."""
    return frame.toDF().schema.simpleString()
