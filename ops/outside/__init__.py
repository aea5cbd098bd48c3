"""Storage of lines outside the database: in a file on this machine, and on a topic that every machine reads."""
