"""Protect households that nobody may search, and name the referents who may find them."""
