"""Occupation of shelters as managers declare it, compared with the hub's records."""
