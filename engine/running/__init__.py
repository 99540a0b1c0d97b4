"""Runs as processes: what a worker does with a run it has taken, up to its end."""
