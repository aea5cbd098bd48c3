"""SQL, one module for a table or two. Statements work on arrays, a whole batch at a time."""
