"""Territories: who covers what, what is missing, and what a new registry would move."""
