"""The crawlers' own tables, on the catalog's MetaData."""

from sqlalchemy import Column, Index, Integer, Table, Text

from catalog.rows import Instant, metadata

crawlers = Table(
    "crawlers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# A crawl's report. Its state, times and log are the run's, in the engine's ledger, under the same id.
crawls = Table(
    "crawls",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("crawler", Text),
    Column("database", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Index("ix_crawls_crawler", "crawler", "finished_at"),
)
