"""Copies of a household that partners hold."""
