"""Dialect of partners that use the hub's own contracts, in CloudEvents."""
