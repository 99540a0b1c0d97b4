"""Timings: each of ours beside a peer's, both in the same run. `make bench` prints them; tests never measure time."""
