"""The awsglue library as Isinglass provides it: made from public documentation, on Spark, with none of AWS's code."""

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

__all__ = ["DynamicFrame"]
# Of a Spark that a suite starts, the workers would be the python3 on the PATH, which may be one without pyarrow.
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


def __getattr__(name: str) -> Any:
    """DynamicFrame comes with pyspark, which a Python-shell script that reads its arguments need not wait for."""
    if name != "DynamicFrame":
        raise AttributeError(f"module 'awsglue' has no attribute {name!r}")
    from awsglue.dynamicframe import DynamicFrame

    return DynamicFrame
