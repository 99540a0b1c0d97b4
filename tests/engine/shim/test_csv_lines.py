"""What lines of CSV alone tell: only texts that Spark casts count as plain, and one that does not is never missed."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from awsglue._csv_lines import line_pattern, plain_pattern
from awsglue._formats import csv_reading
from awsglue._plans import Declared, Group, ReadPlan
from awsglue._sparktypes import to_spark
from awsglue._typetext import parse_type
from awsglue.data_source import planned_frame
from pyspark.sql.functions import bool_or, col

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from pyspark.sql import SparkSession

_TYPES = (
    *("tinyint", "smallint", "int", "bigint", "float", "double", "boolean", "date", "timestamp"),
    *("decimal(4,2)", "decimal(38,0)"),
)
_NUMBERS = [f"{sign}{'9' * count}{end}" for sign, count, end in product(("", "-"), range(1, 20), ("", ".9", ".995"))]
_DAYS = [f"{y:04}-{m:02}-{d:02}" for y, m, d in product((0, 1582, 2025), range(14), (0, 1, 28, 29, 30, 31))]
_INSTANTS = [f"{day} 23:59:59.999999" for day in _DAYS]
_TEXTS = [*_NUMBERS, *_DAYS, *_INSTANTS, "true", "False", "TRUE", "yes", "1e5", "NaN"]


def test_every_plain_text_of_a_type_casts_to_it(spark: SparkSession) -> None:
    texts = spark.createDataFrame([(text,) for text in _TEXTS], "text string")
    seen, missed = [], []
    for name in _TYPES:
        kind = parse_type(name)
        plain = col("text").rlike(f"^(?:{plain_pattern(kind)})$")
        seen.append(bool_or(plain))
        missed.append(bool_or(plain & col("text").try_cast(to_spark(kind)).isNull()))
    assert texts.agg(*seen, *missed).collect()[0] == (True,) * len(_TYPES) + (False,) * len(_TYPES)


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("x,5,y", True),
        ("x,5", True),
        ("x,,y", True),
        ("x,5a,y", False),
        ('"x,1",5a,y', False),
        ('x,"5",y', False),
        ('x,5,"y', True),
    ],
)
def test_a_line_is_plain_where_no_quote_stands_before_the_value(line: str, plain: bool) -> None:
    columns = [Declared("a", "string"), Declared("b", "int"), Declared("c", "string")]
    pattern = line_pattern(columns, {1}, csv_reading({}))
    assert pattern is not None
    assert bool(re.search(pattern, line)) is plain


@pytest.mark.parametrize("options", [{"withheader": True}, {"multiline": True}, {"encoding": "UTF-16"}])
def test_lines_do_not_tell_of_files_that_are_not_lines_of_values(options: dict[str, object]) -> None:
    assert line_pattern([Declared("a", "int")], {0}, csv_reading(options)) is None


def test_a_renamed_column_without_texts_has_its_type_and_one_with_a_text_in_its_last_line_is_a_choice(
    glue: GlueContext, tmp_path: Path
) -> None:
    file = tmp_path / "in.csv"
    file.write_text("1,1.5,1\n2,,2\n3,2.5,x\n")
    columns = (Declared("a", "bigint"), Declared("b", "double"), Declared("c", "int"))
    group = Group((), str(tmp_path), (str(file),))
    plan = ReadPlan("t", "csv", str(tmp_path), {}, columns, (), (group,))
    frame = planned_frame(glue, plan, "t", {}, None).rename_field("a", "d")
    assert frame.toDF().schema.simpleString() == "struct<d:bigint,b:double,c:struct<int:int,string:string>>"
    without = frame.drop_fields(["c"]).toDF()
    assert without.schema.simpleString() == "struct<d:bigint,b:double>"
    assert [tuple(row) for row in without.collect()] == [(1, 1.5), (2, None), (3, 2.5)]
