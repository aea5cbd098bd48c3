"""Dialect of the CIL (today Action Logement), the employers' housing fund."""
