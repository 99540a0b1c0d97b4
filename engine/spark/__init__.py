"""Spark and its Java: the driver's command and settings, warm Javas, and what is left of it after a run."""
