"""Files of XML that end inside a record's start tag: Spark's reader passes over such a record without a word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

_ATTRIBUTES = r"""(?:\s(?:[^<>"']|"[^"<]*"|'[^'<]*')*+(?:"[^"<]*|'[^'<]*)?)?"""


def cut_records(session: SparkSession, files: Sequence[str], tag: str) -> DataFrame:
    """One text column `value`: what is there of each record that its file ends in before its start tag does.

    A file is read in pieces that end with a record, so a large one is never held whole. Only UTF-8 is looked at.
    """
    pieces = session.read.option("lineSep", f"</{tag}>").text(list(files))
    name = re.escape(tag)
    begun = "|".join(re.escape(tag[:length]) for length in range(len(tag)))
    in_record = F.col("value").rlike(rf"<{name}(?:\s[^>]*)?(?<!/)>")
    inside = F.regexp_extract("value", rf"<{name}{_ATTRIBUTES}\z", 0)
    before = F.when(~in_record, F.regexp_extract("value", rf"<(?:{begun})\z", 0)).otherwise(F.lit(""))
    found = F.when(inside != "", inside).otherwise(before)
    return pieces.select(found.alias("value")).where(F.col("value") != "")
