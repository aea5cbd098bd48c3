"""SQL statements, in one module for each table or two. Their parameters are arrays: one statement handles a
whole batch."""
