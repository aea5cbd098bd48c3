"""Copies of a household's data that partners hold."""
