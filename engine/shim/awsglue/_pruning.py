"""Selecting partitions by any expression of Spark's over their keys, before a file is listed."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue._plans import NULL_PARTITION, Declared
from awsglue._settling import schema_jobs
from awsglue._sparktypes import to_spark
from awsglue._typetext import parse_type

_PLACE = "_isinglass_place"


class PredicateError(AnalysisException, ValueError):
    """A push_down_predicate cannot be evaluated on a table's partition keys. In Glue's words."""

    def __init__(self, predicate: str, keys: Sequence[str], why: str) -> None:
        super().__init__(
            f"User's pushdown predicate: {predicate} can not be resolved against partition columns: "
            f"[{', '.join(keys)}]. {why}"
        )


def selected(keys: Sequence[Declared], partitions: Sequence[Sequence[str]], predicate: str) -> list[list[str]]:
    """The partitions (values as text, in key order) for which the predicate is true. Raises PredicateError."""
    names = [key.name for key in keys]
    session = SparkSession.builder.getOrCreate()
    schema = spark.StructType([spark.StructField(name, spark.StringType()) for name in names])
    schema.add(_PLACE, spark.IntegerType())
    rows = [
        (*(None if value == NULL_PARTITION else value for value in values), at) for at, values in enumerate(partitions)
    ]
    texts = session.createDataFrame(rows, schema)
    columns = [F.col(f"`{key.name}`").try_cast(to_spark(parse_type(key.type))).alias(key.name) for key in keys]
    with schema_jobs(session.sparkContext):
        try:
            found = texts.select(*columns, _PLACE).where(predicate).select(_PLACE).collect()
        except AnalysisException as error:
            raise PredicateError(predicate, names, str(error).splitlines()[0]) from error
    return [list(partitions[row[0]]) for row in found]
