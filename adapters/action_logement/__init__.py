"""Dialect of the CIL, today Action Logement, which attributes housing reserved to employers' funds."""
