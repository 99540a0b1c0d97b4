"""AWS's machine learning package: importing it fails by name and says what to do instead."""

from awsglue._missing import NotProvidedImportError

raise NotProvidedImportError(
    "the package awsglueml (FindMatches, FindIncrementalMatches, FillMissingValues, EntityDetector), for its models "
    "run on AWS only",
    "Use Spark's pyspark.ml, or leave the step out.",
)
