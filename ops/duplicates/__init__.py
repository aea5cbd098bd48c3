"""Households that may be one: found by what they have in common, decided by a person (duty C11)."""
