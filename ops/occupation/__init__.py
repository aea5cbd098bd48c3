"""Occupation: what managers declare beside what the hub knows."""
