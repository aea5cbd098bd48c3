"""Dialect of partners that prefer the hub's own contracts, in CloudEvents, to a format of their own."""
