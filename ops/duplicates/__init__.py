"""Households that may be duplicates: found by their common data, decided by a person."""
