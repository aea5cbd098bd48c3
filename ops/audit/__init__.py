"""Audit: a chain of rows, signed and verified."""
