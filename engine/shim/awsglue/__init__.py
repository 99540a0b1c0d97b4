"""The awsglue library as Isinglass provides it: made from public documentation, on Spark, with none of AWS's code."""

from awsglue.dynamicframe import DynamicFrame

__all__ = ["DynamicFrame"]
