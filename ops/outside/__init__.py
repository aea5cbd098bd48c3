"""Lines kept outside the database: in a file of this machine, and on a topic that every machine reads."""
