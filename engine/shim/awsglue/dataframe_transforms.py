"""Here so that scripts which import it go on: transforms of DataFrames are Spark's own, or a DynamicFrame's."""
