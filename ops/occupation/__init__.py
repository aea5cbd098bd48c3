"""Occupation that managers declare, compared with the hub's records."""
