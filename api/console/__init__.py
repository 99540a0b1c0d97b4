"""Pages for a browser: their sources, and how their bundle is served."""
