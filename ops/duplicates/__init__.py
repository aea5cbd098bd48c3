"""Households that may be duplicates. The hub finds them by their common data, and a person decides."""
