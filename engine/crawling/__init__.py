"""Crawls as the engine runs them, and looks into tables."""
