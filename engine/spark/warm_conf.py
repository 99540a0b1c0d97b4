"""Which settings of Spark a Java can still be given when it has run already; with any other, a run starts its own."""

from __future__ import annotations

from collections.abc import Iterable

# Of these Spark reads each when it makes a context or a session, and keeps none beyond it.
_TAKEN = (
    *("spark.app.", "spark.blockManager.", "spark.broadcast.", "spark.cleaner.", "spark.default.parallelism"),
    *("spark.driver.bindAddress", "spark.driver.host", "spark.driver.maxResultSize", "spark.driver.memory"),
    *("spark.driver.port", "spark.dynamicAllocation.", "spark.eventLog.", "spark.executor.", "spark.executorEnv."),
    *("spark.extraListeners", "spark.hadoop.", "spark.io.", "spark.jars.ivy", "spark.kryo", "spark.local.dir"),
    *("spark.locality.", "spark.master", "spark.memory.", "spark.python.", "spark.rdd.", "spark.scheduler."),
    *("spark.serializer", "spark.shuffle.", "spark.speculation", "spark.sql.", "spark.storage.", "spark.streaming."),
    *("spark.task.", "spark.ui."),
)
# These are among them by their names, but are kept by Java's classes from their first use on.
_KEPT = (
    *(
        "spark.driver.memoryOverhead",
        "spark.hadoop.fs.cache",
        "spark.hadoop.hadoop.security.",
        "spark.jars.ivySettings",
    ),
    *("spark.sql.broadcastExchange.", "spark.sql.cache.serializer", "spark.sql.codegen.cache."),
    *("spark.sql.hive.metastore.", "spark.sql.resultQueryStage.", "spark.sql.shuffleExchange.maxThread"),
    *("spark.sql.streaming.ui.", "spark.sql.subquery."),
)


def fits_warm_java(names: Iterable[str]) -> bool:
    """Whether a Java that has run takes all of these settings as a new one does. The heap is to be its own."""
    return all(name.startswith(_TAKEN) and not name.startswith(_KEPT) for name in names)
