"""Data quality rules, as Glue Studio's scripts check them: `from awsgluedq.transforms import EvaluateDataQuality`."""
