"""One row for each carrier and month: how many flights left, and their mean delay; catalog table delays.

Arguments: --database, --output_path.
"""

import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ["JOB_NAME", "database", "output_path"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

cleaned = glueContext.create_dynamic_frame.from_catalog(database=args["database"], table_name="flights_clean")
delays = (
    cleaned.toDF()
    .groupBy("month", "carrier")
    .agg(F.count("*").alias("flights"), F.round(F.avg("dep_delay"), 1).alias("mean_delay"))
    .coalesce(1)
)

sink = glueContext.getSink(connection_type="s3", path=args["output_path"] + "/delays", enableUpdateCatalog=True)
sink.setFormat("glueparquet", compression="snappy")
sink.setCatalogInfo(catalogDatabase=args["database"], catalogTableName="delays")
sink.writeFrame(DynamicFrame.fromDF(delays, glueContext, "delays"))

job.commit()
