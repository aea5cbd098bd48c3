"""Alembic environment, on the connection that `upgrade` passes."""

from alembic import context

from router.store.tables import metadata

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=metadata,
    version_table_schema=attributes["schema"],
)
context.run_migrations()
