"""Occupation of shelters as declared, compared with the hub's records."""
