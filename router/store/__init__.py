"""Run the SQL statements of the hub. Each module has the statements of one or two tables. Parameters are
arrays, so that one statement handles a whole batch."""
