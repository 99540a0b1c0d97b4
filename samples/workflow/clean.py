"""Flights that left, without the columns that nobody asks for: Parquet under output_path, catalog table flights_clean.

Arguments: --database, --output_path.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import Filter, SelectFields
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "database", "output_path"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

flights = glueContext.create_dynamic_frame.from_catalog(database=args["database"], table_name="flights")
left = Filter.apply(frame=flights, f=lambda flight: flight["dep_time"] is not None)
cleaned = SelectFields.apply(frame=left, paths=["month", "day", "carrier", "origin", "dest", "dep_delay"])

sink = glueContext.getSink(connection_type="s3", path=args["output_path"] + "/clean", enableUpdateCatalog=True)
sink.setFormat("glueparquet", compression="snappy")
sink.setCatalogInfo(catalogDatabase=args["database"], catalogTableName="flights_clean")
sink.writeFrame(cleaned)

job.commit()
