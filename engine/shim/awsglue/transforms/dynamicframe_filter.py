"""Filter, under the path by which scripts import it alone."""

from awsglue.transforms.filter import Filter

__all__ = ["Filter"]
