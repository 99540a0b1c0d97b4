"""The engine: runs, and what a run does. Time, retries, processes and Spark live here."""
