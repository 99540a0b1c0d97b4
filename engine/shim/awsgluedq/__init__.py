"""AWS's data quality package: importing it fails by name and says what to do instead."""

from awsglue._missing import NotProvidedImportError

raise NotProvidedImportError(
    "the package awsgluedq (EvaluateDataQuality), for its rules run on AWS's own engine",
    "Check the data with Spark instead: frame.toDF().where(...).count(), and fail the job on what must not be.",
)
