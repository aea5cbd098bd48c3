"""SQL of the hub, one module for each table or two. Statements take arrays: a whole batch at a time."""
