"""The catalog: what exists and what shape it has. No HTTP, no Spark, no object store."""
