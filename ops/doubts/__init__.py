"""Doubts about what partners declare."""
