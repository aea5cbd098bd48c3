"""Lines stored outside the database: in a file, and on a topic for all machines."""
