"""Audit, a signed hash chain of rows: search in it, and proof that it is whole."""
