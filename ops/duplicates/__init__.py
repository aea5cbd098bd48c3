"""Households that may be duplicates: found by what they have in common, decided by a person (duty C11)."""
