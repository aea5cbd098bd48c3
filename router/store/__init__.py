"""SQL statements, in one module for each table or two. They take arrays, so that one statement handles a
whole batch."""
