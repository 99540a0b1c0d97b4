"""Data flows: nodes and edges → script, and script → nodes and edges."""
