"""What a Glue shell begins with: `sc`, `glueContext` and `spark`, made by `start`."""

from __future__ import annotations

import code
from typing import Any

from pyspark import SparkContext

from awsglue.context import GlueContext


def start() -> dict[str, Any]:
    """The names a Glue shell has from its beginning, over the Spark that runs or a new one."""
    sc = SparkContext.getOrCreate()
    glue_context = GlueContext(sc)
    return {"sc": sc, "glueContext": glue_context, "spark": glue_context.spark_session}


if __name__ == "__main__":
    code.interact(banner="sc, glueContext and spark are there.", local=start())
