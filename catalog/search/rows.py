"""The tables of the search index, on the catalog's MetaData. All in them follows from other tables' rows."""

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from catalog.rows import ByBytes, metadata

# Whose words may have changed since the index was last brought up to date: written by triggers of the database, in the
# transaction that changes a definition. `ref` is what the thing is found by: an id, or a name. Rows may be alike.
search_pending = Table(
    "search_pending",
    metadata,
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
)

# What can be found. Names are folded, `full_name` is with the database's; `database` is where it lies, if in one.
search_things = Table(
    "search_things",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("name", ByBytes, nullable=False, index=True),
    Column("full_name", ByBytes, nullable=False, index=True),
    Column("database", Text),
    UniqueConstraint("kind", "ref"),
)

# Texts that stand together, kept once however many things say them: columns are mostly those of other tables as well.
# `words` is a JSON list of their words' ids.
search_parts = Table(
    "search_parts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("words", Text, nullable=False),
)

search_members = Table(
    "search_members",
    metadata,
    Column("part_id", Integer, primary_key=True, autoincrement=False),
    Column("thing_id", Integer, primary_key=True, autoincrement=False),
    Index("ix_search_members_thing_id", "thing_id"),
    sqlite_with_rowid=False,
)

# Every word that was ever seen, folded. By both ends, as a misspelt word still has one of its halves right.
search_words = Table(
    "search_words",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("word", ByBytes, nullable=False, unique=True),
    Column("backwards", ByBytes, nullable=False, index=True),
)

# `fields` has a bit for each catalog.search.documents.Field in which the part has the word.
search_postings = Table(
    "search_postings",
    metadata,
    Column("word_id", Integer, primary_key=True, autoincrement=False),
    Column("part_id", Integer, primary_key=True, autoincrement=False),
    Column("fields", Integer, nullable=False),
    sqlite_with_rowid=False,
)
