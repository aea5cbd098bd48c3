"""SQL statements, one module for a table or two. Parameters are arrays: one statement handles a batch."""
