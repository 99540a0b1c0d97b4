"""The awsglue library as Isinglass provides it: made from public documentation, on Spark, with none of AWS's code."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

__all__ = ["DynamicFrame"]


def __getattr__(name: str) -> Any:
    """DynamicFrame comes with pyspark, which a Python-shell script that reads its arguments need not wait for."""
    if name != "DynamicFrame":
        raise AttributeError(f"module 'awsglue' has no attribute {name!r}")
    from awsglue.dynamicframe import DynamicFrame

    return DynamicFrame
