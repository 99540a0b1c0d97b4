"""Whether the files of a source are text in UTF-8, as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._refusals import Thrown
from awsglue._settling import schema_jobs

UNDECODED = "\ufffd"
_BY_THE_WAY_BYTES, _BY_THE_WAY_FILES = 64_000_000, 100  # half a second's look


class UnparsableFileError(Py4JJavaError, ValueError):  # type: ignore[misc]  # py4j is untyped
    """A file holds bytes that are not of its encoding; Glue's Java says so in these words."""

    def __init__(self, file: str, source: str) -> None:
        told = (
            f"Unable to parse file: {file.rpartition('/')[2]}. {file}, of the source {source}, holds bytes that are "
            "not UTF-8. Name its encoding in format_options, such as encoding='ISO-8859-1', correct the file, or leave "
            "it out by the option exclusions."
        )
        ValueError.__init__(self, told)
        self.errmsg = "An error occurred while reading a file"
        self.java_exception = Thrown("com.amazonaws.services.glue.util.FatalException", told)
        self.file = file

    def __str__(self) -> str:
        return str(self.args[0])


def check_decodable(session: SparkSession, files: Sequence[str], source: str, whole: bool = False) -> None:
    """UnparsableFileError for the first line found that is not UTF-8. It reads all lines, but takes none apart.

    Where they are too many or too large for a look by the way, there is none unless `whole` asks for it.
    """
    if not whole and len(files) > _BY_THE_WAY_FILES:
        return  # to list them once more takes long as well
    lines = session.read.text(list(files))
    if whole or _bytes_of(lines) <= _BY_THE_WAY_BYTES:
        with schema_jobs(session.sparkContext):
            found = lines.where(~F.is_valid_utf8("value")).select(F.input_file_name()).head()
        if found is not None:
            raise UnparsableFileError(str(found[0]), source)


def _bytes_of(files: DataFrame) -> int:
    """As they were listed."""
    read: Any = files
    return int(read._jdf.queryExecution().optimizedPlan().stats().sizeInBytes())
