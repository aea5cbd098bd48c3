"""Removal of what is old enough."""
