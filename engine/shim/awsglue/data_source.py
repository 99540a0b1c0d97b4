"""DataSource: a place to read frames from, set up step by step."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame

from awsglue._formats import folded
from awsglue._jdbc import DATABASES, database_of, read_rows
from awsglue._jdbc_bookmarks import keys_of, unread
from awsglue._jdbc_queries import Queries, queries_of
from awsglue._jdbc_vendors import shown_server
from awsglue._missing import NotProvidedError
from awsglue._nodes import Node
from awsglue._plans import ReadPlan
from awsglue._samples import Sample
from awsglue._service import NoServiceError, find_service
from awsglue._sources import read, read_paths
from awsglue.dynamicframe import DynamicFrame

if TYPE_CHECKING:
    from awsglue.context import GlueContext

FILES = ("s3", "file")
SPARK_FILES = ("parquet", "orc")
PATH_OPTIONS = ("path", "paths")


class DataSource:
    """Files under paths, or a table or query of a database. `options` are connection options.

    NotProvidedError for another kind of connection.
    """

    def __init__(
        self,
        glue_context: GlueContext,
        connection_type: str,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        if connection_type not in (*FILES, *SPARK_FILES, *DATABASES):
            known = ", ".join((*FILES, *SPARK_FILES, *DATABASES))
            raise NotProvidedError(f"reading from the connection type {connection_type!r}", f"It reads {known}.")
        self._glue_context = glue_context
        self._connection_type = connection_type
        self._transformation_ctx = transformation_ctx
        self._push_down_predicate = push_down_predicate
        self._options = dict(options or {})
        self._format = connection_type if connection_type in SPARK_FILES else ""
        self._format_options: dict[str, Any] = {}

    def setFormat(self, format: str, **options: Any) -> None:
        """The format of the files, and its format options; those of parquet and orc are not applied."""
        self._format = format.lower()
        if self._format not in SPARK_FILES:
            self._format_options |= options

    def getFrame(self, **options: Any) -> DynamicFrame:
        """The records. minPartitions and targetPartitions have no effect: Spark splits files itself."""
        return self._frame(None)

    def getSampleFrame(self, num: int, **options: Any) -> DynamicFrame:
        """The first `num` records, in no order; no bookmark moves."""
        return self._frame(Sample(num))

    def getDataFrame(self) -> DataFrame:
        """The records as Spark's frame."""
        return self.getFrame().toDF()

    def _frame(self, sample: Sample | None) -> DynamicFrame:
        if self._connection_type not in DATABASES:
            return self._files(sample)
        name, context = frame_name(()), self._transformation_ctx
        return rows_frame(self._glue_context, self._connection_type, self._options, name, context, sample)

    def _files(self, sample: Sample | None) -> DynamicFrame:
        if not self._format:
            raise ValueError(f"Reading from {self._connection_type} needs a format, such as format='csv'.")
        paths = paths_of(self._options)
        rest = {name: value for name, value in self._options.items() if name not in PATH_OPTIONS}
        given = {**rest, **self._format_options}
        name = frame_name(paths)
        service = find_service()
        if service is None and self._push_down_predicate:
            raise NoServiceError("push_down_predicate")
        if service is None:
            session = self._glue_context.sparkSession
            found = Node(lambda: read_paths(session, name, paths, self._format, given))
            return limited(DynamicFrame(found, self._glue_context, name), sample)
        request = {
            "database": None,
            "table": None,
            "paths": paths,
            "format": self._format,
            "transformation_ctx": "" if sample else self._transformation_ctx,
            "push_down_predicate": self._push_down_predicate,
            "options": rest,
        }
        return planned_frame(self._glue_context, service.read_plan(request), name, given, sample)


def planned_frame(
    glue_context: GlueContext, plan: ReadPlan, name: str, given: Mapping[str, Any], sample: Sample | None
) -> DynamicFrame:
    """A frame of a read plan; options the script itself gave come before the plan's."""
    asked = ReadPlan(**{**vars(plan), "options": {**plan.options, **given}})
    wanted = asked if sample is None else sample.of(asked)
    frame = DynamicFrame(Node(lambda: read(glue_context.sparkSession, wanted)), glue_context, name)
    return limited(frame, sample)


def rows_frame(
    glue_context: GlueContext,
    vendor: str,
    options: Mapping[str, Any],
    name: str,
    transformation_ctx: str,
    sample: Sample | None,
) -> DynamicFrame:
    """The rows of a database's table or query, as the options say, as far as the bookmark leaves them to read."""
    database, given = database_of(vendor, options), folded(dict(options))
    queries = queries_of(database.vendor, given)

    def rows(queries: Queries) -> DataFrame:
        return read_rows(glue_context.sparkSession, database, queries)

    if sample is not None:
        queries = queries if sample.num is None else queries.first(sample.num, database.vendor)
    elif transformation_ctx and not given.get("samplequery") and (service := find_service()) is not None:
        source = f"{shown_server(database.url)} {given.get('dbtable') or given.get('query')}"
        keys = keys_of(database.vendor, given)
        queries = unread(service, transformation_ctx, source, keys, queries, rows, database.vendor)
    return DynamicFrame.fromDF(rows(queries), glue_context, name)


def limited(frame: DynamicFrame, sample: Sample | None) -> DynamicFrame:
    """The frame with no more records than the sample asks for."""
    if sample is None or sample.num is None:
        return frame
    count = sample.num
    # lines=None: a look at few records is cheaper than one at all lines
    return frame._step(lambda typed: replace(typed.thinned_to(typed.frame.limit(count)), lines=None))


def frame_name(paths: Sequence[str]) -> str:
    """What the paths begin with alike, without scheme and separators; a fresh name if that is nothing."""
    bare = [path.partition("://")[2] or path for path in paths] or [""]
    first, last = min(bare), max(bare)
    common = next((first[:at] for at, sign in enumerate(first) if last[at : at + 1] != sign), first)
    name = common.translate(str.maketrans("", "", ":/."))
    return name or str(uuid.uuid4()).replace("-", "_")


def paths_of(options: Mapping[str, Any]) -> list[str]:
    """The paths that a script's options name. ValueError without one."""
    paths = options.get("paths") or options.get("path")
    if not paths:
        raise ValueError("connection_options need paths: the list of folders and files to read.")
    return [paths] if isinstance(paths, str) else list(paths)
