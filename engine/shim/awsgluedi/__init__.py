"""AWS's data preparation (DataBrew) package: importing it fails by name and says what to do instead."""

from awsglue._missing import NotProvidedImportError

raise NotProvidedImportError(
    "the package awsgluedi (data preparation recipes)",
    "Write the recipe's steps as Column expressions on frame.toDF(), and come back by DynamicFrame.fromDF.",
)
