"""Run migrations, on the connection that `upgrade` passes. The library Alembic looks for this module."""

from alembic import context

from router.store.tables import metadata

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=metadata,
    version_table_schema=attributes["schema"],
)
context.run_migrations()
