"""Processes of the hub: roles and their duties."""
