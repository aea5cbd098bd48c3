"""Households that may be duplicates: the hub finds them, a person decides."""
