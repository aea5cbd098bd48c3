"""Bring the hub up: local parts for development and tests, containers for all other uses."""
