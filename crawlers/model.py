"""A crawler's definition as frozen values. Words and defaults follow Glue's CreateCrawler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UpdateBehavior(StrEnum):
    """What happens to a table whose data changed. New tables and partitions are made whatever this says."""

    UPDATE_IN_DATABASE = "UPDATE_IN_DATABASE"
    LOG = "LOG"


class DeleteBehavior(StrEnum):
    """What happens to a table or partition whose data are gone."""

    DEPRECATE_IN_DATABASE = "DEPRECATE_IN_DATABASE"
    DELETE_FROM_DATABASE = "DELETE_FROM_DATABASE"
    LOG = "LOG"


class RecrawlBehavior(StrEnum):
    CRAWL_EVERYTHING = "CRAWL_EVERYTHING"
    CRAWL_NEW_FOLDERS_ONLY = "CRAWL_NEW_FOLDERS_ONLY"
    CRAWL_EVENT_MODE = "CRAWL_EVENT_MODE"


class HeaderDetection(StrEnum):
    """`GLUE`: a header needs a data row with a cell that is no text. `IMPROVED`: an all-text file has one too."""

    IMPROVED = "improved"
    GLUE = "glue"


@dataclass(frozen=True)
class Target:
    """One place to crawl: a folder or a file, as a local path or a URI.

    `exclusions` are Glue's glob patterns, relative to the place. `sample_size` is how many files of each leaf folder
    are read (1–249); None reads all.
    """

    place: str
    exclusions: tuple[str, ...] = ()
    sample_size: int | None = None


@dataclass(frozen=True)
class SchemaChangePolicy:
    update: UpdateBehavior = UpdateBehavior.UPDATE_IN_DATABASE
    delete: DeleteBehavior = DeleteBehavior.DEPRECATE_IN_DATABASE


@dataclass(frozen=True)
class Configuration:
    """How files become tables.

    `table_level` is the absolute level of a table's folder (the bucket, or the first folder of a local path, is 1).
    `table_threshold` fails a crawl that finds more tables. `combine_compatible` ignores how alike schemas are.
    `merge_new_columns` only ever adds columns to an existing table.
    """

    table_level: int | None = None
    table_threshold: int | None = None
    combine_compatible: bool = False
    merge_new_columns: bool = False
    header_detection: HeaderDetection = HeaderDetection.IMPROVED


GLUES_POLICY = SchemaChangePolicy()
DEFAULTS = Configuration()


@dataclass(frozen=True)
class Crawler:
    """A crawler's definition. `version` counts updates from 1; it and the two times are set by `definitions`."""

    name: str
    database: str
    targets: tuple[Target, ...]
    prefix: str = ""
    description: str | None = None
    schema_change: SchemaChangePolicy = GLUES_POLICY
    recrawl: RecrawlBehavior = RecrawlBehavior.CRAWL_EVERYTHING
    configuration: Configuration = DEFAULTS
    schedule: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: int = 1
