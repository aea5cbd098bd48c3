"""Occupation of shelters as their managers declare it, compared with the hub's records."""
