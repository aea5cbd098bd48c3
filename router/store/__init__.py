"""SQL, one module a table or two; statements work on arrays, a whole batch at a time."""
