"""What a dynamic frame is before any transform: a lazy step, its schema, its records and its error records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

from pyspark import SparkContext
from pyspark.sql import DataFrame
from pyspark.sql import types as spark

from awsglue._error_frame import errors_frame
from awsglue._errors import counted
from awsglue._nodes import UNNAMED, Node, Stage
from awsglue._paths import parse_path
from awsglue._records import first_records
from awsglue._showing import record_text, schema_text
from awsglue._sparktypes import struct_to_glue, to_glue
from awsglue._tree import Typed
from awsglue.gluetypes import DataType, StructType
from awsglue.transforms.resolve_choice import Action, Resolution, resolve_specs

if TYPE_CHECKING:
    from awsglue.context import GlueContext

_RESOLVE_ACTIONS = {"project": "project", "cast": "cast", "keepasstruct": "make_struct"}


class ResolveOption:
    """What toDF is to do with the choice at `path`: "Project" or "Cast" to `target`, or "KeepAsStruct"."""

    def __init__(self, path: str, action: str, target: DataType | spark.DataType | None = None) -> None:
        self.path = path
        self.action = action
        self.target = target


class LazyFrame:
    """Records with a schema that is learnt when it is needed; nothing runs before."""

    def __init__(self, node: Node, glue_ctx: GlueContext, name: str = "") -> None:
        self._node = node
        self.glue_ctx = glue_ctx
        self.name = name

    @property
    def _sc(self) -> SparkContext:
        return self.glue_ctx._sc

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str = "") -> Self:
        """A Spark DataFrame as a frame. NotProvidedError for a column type Glue has no word for."""
        if not isinstance(dataframe, DataFrame):
            raise TypeError(f"fromDF takes a Spark DataFrame, not a {type(dataframe).__name__}.")
        typed = Typed(dataframe, struct_to_glue(dataframe.schema))
        return cls(Node(lambda: typed), glue_ctx, name)

    def _step(self, step: Callable[[Typed], Typed], stage: Stage = UNNAMED, name: str | None = None) -> Self:
        """The frame after one more step, of the same name unless another is given."""
        return type(self)(self._node.then(step, stage), self.glue_ctx, self.name if name is None else name)

    def _with(self, other: LazyFrame, step: Callable[[Typed, Typed], Typed], name: str, stage: Stage = UNNAMED) -> Self:
        """The frame that `step` makes of this one and `other`, their open choices decided."""
        check_frame(other)
        node = Node(lambda: step(self._node.decided(), other._node.decided()), [self._node, other._node], stage)
        return type(self)(node, self.glue_ctx, name)

    def toDF(self, options: Sequence[ResolveOption] | None = None) -> DataFrame:
        """The frame for Spark; a choice is a struct with one member per type unless `options` resolve it."""
        settled = self._node.settled()
        return resolve_specs(settled, [_resolution(option) for option in options]).frame if options else settled.frame

    def schema(self) -> StructType:
        """The types of all records together."""
        return self._node.settled().type

    def printSchema(self) -> None:
        print(schema_text(self.schema()))

    def show(self, num_rows: int = 20) -> None:
        """Prints records, one JSON object a line; a choice shows its value."""
        for record in first_records(self._node.settled(), int(num_rows)):
            print(record_text(record))

    def count(self) -> int:
        """The number of good records."""
        self._node.check()
        return self._node.typed().frame.count()

    def getNumPartitions(self) -> int:
        return self._node.typed().frame.rdd.getNumPartitions()

    def errorsCount(self) -> int:
        """The number of error records of this step and of all before it."""
        return counted(self._node.errors())

    def stageErrorsCount(self) -> int:
        """The number of error records this step made."""
        return counted(self._node.stage_errors())

    def errorsAsDynamicFrame(self) -> Self:
        """The error records of this step and of all before it: one struct field, `error`, a record each."""
        session = self.glue_ctx.spark_session
        return type(self)(Node(lambda: errors_frame(session, self._node.all_stages())), self.glue_ctx, "errors")

    def assertErrorThreshold(self) -> None:
        """Raises ErrorThresholdError where a step up to here made as many error records as its threshold."""
        self._node.check()


def check_frame(given: object) -> None:
    """TypeError for what is no dynamic frame, such as Spark's."""
    if not isinstance(given, LazyFrame):
        kind = type(given).__name__
        way_out = " DynamicFrame.fromDF(df, glueContext, name) makes one." if isinstance(given, DataFrame) else ""
        raise TypeError(f"The other frame is to be a DynamicFrame, not a {kind}.{way_out}")


def _resolution(option: ResolveOption) -> Resolution:
    verb = _RESOLVE_ACTIONS.get(option.action.lower())
    if verb is None:
        raise ValueError(f"{option.action!r} is not an action of ResolveOption: Project, Cast or KeepAsStruct.")
    target = to_glue(option.target) if isinstance(option.target, spark.DataType) else option.target
    return Resolution(parse_path(option.path), Action(verb, target))
