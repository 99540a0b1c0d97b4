"""Flights that left, each with its airline's name and a delay class: one row per flight, cancelled flights dropped.

Reads the catalog tables flights (with a bookmark: only files not seen before) and airlines (whole, on every run).
Writes Parquet, partitioned by year and month, under output_path, and keeps the catalog table flight_delays up to date.
Arguments: --database, --output_path.
"""

import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import ApplyMapping, Join
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ["JOB_NAME", "database", "output_path"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

flights = glueContext.create_dynamic_frame.from_catalog(
    database=args["database"], table_name="flights", transformation_ctx="flights"
)

# No transformation_ctx: a bookmark would hide the airlines from the second run.
airlines = glueContext.create_dynamic_frame.from_catalog(database=args["database"], table_name="airlines")

flights = ApplyMapping.apply(
    frame=flights,
    mappings=[
        ("year", "string", "year", "int"),
        ("month", "string", "month", "int"),
        ("day", "long", "day", "int"),
        ("carrier", "string", "carrier", "string"),
        ("flight", "long", "flight", "int"),
        ("tailnum", "string", "tailnum", "string"),
        ("origin", "string", "origin", "string"),
        ("dest", "string", "destination", "string"),
        ("sched_dep_time", "long", "scheduled", "int"),
        ("dep_delay", "long", "delay", "int"),
        ("distance", "long", "miles", "int"),
    ],
    transformation_ctx="mapped_flights",
)
airlines = ApplyMapping.apply(
    frame=airlines,
    mappings=[("carrier", "string", "code", "string"), ("name", "string", "airline", "string")],
)
named = Join.apply(flights, airlines, "carrier", "code").drop_fields(["code"])

departed = named.toDF().where(F.col("delay").isNotNull())
classed = departed.withColumn(
    "delay_class",
    F.when(F.col("delay") < 15, "on time").when(F.col("delay") < 60, "late").otherwise("very late"),
)
flight_delays = DynamicFrame.fromDF(classed, glueContext, "flight_delays")

sink = glueContext.getSink(
    connection_type="s3",
    path=args["output_path"],
    enableUpdateCatalog=True,
    updateBehavior="UPDATE_IN_DATABASE",
    partitionKeys=["year", "month"],
    transformation_ctx="flight_delays",
)
sink.setFormat("glueparquet", compression="snappy")
sink.setCatalogInfo(catalogDatabase=args["database"], catalogTableName="flight_delays")
sink.writeFrame(flight_delays)

job.commit()
