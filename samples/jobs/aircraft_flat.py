"""Aircraft as a flat table: one row per plane, with columns of one type each and its listed flights counted.

Reads the catalog table aircraft, whose fields built and flights[].dep_delay hold numbers and text, and replaces the
Parquet files under output_path. Arguments: --database, --output_path.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import ApplyMapping, ResolveChoice, SelectFields
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ["JOB_NAME", "database", "output_path"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

aircraft = glueContext.create_dynamic_frame.from_catalog(database=args["database"], table_name="aircraft")
selected = SelectFields.apply(frame=aircraft, paths=["tailnum", "built", "maker", "engines.count", "seats", "flights"])
# Text that is no number ("unknown", "cancelled") becomes null.
resolved = ResolveChoice.apply(frame=selected, specs=[("built", "cast:int"), ("flights[].dep_delay", "cast:int")])
mapped = ApplyMapping.apply(
    frame=resolved,
    mappings=[
        ("tailnum", "string", "tailnum", "string"),
        ("built", "int", "built", "int"),
        ("maker.name", "string", "maker", "string"),
        ("maker.model", "string", "model", "string"),
        ("engines.count", "int", "engines", "int"),
        ("seats", "int", "seats", "int"),
        ("flights", "array", "flights", "array"),
    ],
)
flat = (
    mapped.toDF()
    .withColumn("listed_flights", F.size("flights"))
    .withColumn("cancelled_flights", F.expr("size(filter(flights, f -> f.dep_delay IS NULL))"))
    .drop("flights")
)
flat.write.mode("overwrite").parquet(args["output_path"])

job.commit()
