"""SQL statements, in one module for each table or two. Their parameters are arrays, so that one statement
handles a whole batch."""
