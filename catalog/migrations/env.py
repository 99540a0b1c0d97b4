"""Alembic's entry: runs the migrations on the connection that `catalog.db` hands over."""

from alembic import context

from catalog.rows import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
