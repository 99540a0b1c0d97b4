"""Interactive sessions: a Spark that takes statements one after the other."""
