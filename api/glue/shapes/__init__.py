"""The model's shapes as the catalog's values, and back. Pure."""
