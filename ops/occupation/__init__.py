"""Compare the occupation that shelters declare with the hub's own records."""
