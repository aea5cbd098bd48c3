"""Dialect of partners that send the hub's own contracts, as CloudEvents."""
