"""Whether the files of a source are text in UTF-8, as they are read."""

from __future__ import annotations

from collections.abc import Sequence

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from awsglue._refusals import Thrown
from awsglue._settling import schema_jobs

UNDECODED = "\ufffd"


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


def check_decodable(session: SparkSession, files: Sequence[str], source: str) -> None:
    """UnparsableFileError for the first line found that is not UTF-8. It reads all lines, but takes none apart."""
    with schema_jobs(session.sparkContext):
        lines = session.read.text(list(files)).where(~F.is_valid_utf8("value"))
        found = lines.select(F.input_file_name()).head()
    if found is not None:
        raise UnparsableFileError(str(found[0]), source)
