"""The crawlers' own tables, on the catalog's MetaData."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

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

# What a crawl would change, kept until it is applied or `expires_at`. `crawler` is None for a plan of bare places.
plans = Table(
    "crawl_plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("crawler", Text),
    Column("summary", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("applied_at", Instant),
    Index("ix_crawl_plans_created_at", "created_at", "id"),
)

classifiers = Table(
    "classifiers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# What a crawler last saw at one of its places, so that it can tell what is new; `run_id` is the crawl that saw it.
crawl_states = Table(
    "crawl_states",
    metadata,
    Column("crawler", ForeignKey("crawlers.name", ondelete="CASCADE"), primary_key=True),
    Column("place", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("run_id", Text),
    Column("updated_at", Instant, nullable=False),
)

# Objects that were written or removed, as told to a crawler in event mode; a crawl takes those it has dealt with away.
object_events = Table(
    "object_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("crawler", ForeignKey("crawlers.name", ondelete="CASCADE"), nullable=False),
    Column("location", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_object_events_crawler", "crawler", "id"),
)
