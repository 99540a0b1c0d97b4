"""A Spark of its own process: answers statements, one a line in JSON, until its input ends.

python second_spark.py <URI of the metastore> <folder>
"""

from __future__ import annotations

import json
import sys

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession


def settings(metastore: str, folder: str) -> dict[str, str]:
    """Of a session against `metastore` that leaves nothing outside `folder`."""
    return {
        "spark.master": "local[2]",
        "spark.hadoop.hive.metastore.uris": metastore,
        "spark.sql.warehouse.dir": f"file:{folder}/warehouse",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
    }


def session(metastore: str, folder: str) -> SparkSession:
    builder = SparkSession.builder.config(map=dict(settings(metastore, folder)))
    spark = builder.enableHiveSupport().getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def main(metastore: str, folder: str) -> None:
    spark = session(metastore, folder)
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        try:
            answer: object = [list(row) for row in spark.sql(json.loads(line)).collect()]
        except PySparkException as error:
            answer = f"{error.getCondition()} {error}"
        print(json.dumps(answer, default=str), flush=True)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
