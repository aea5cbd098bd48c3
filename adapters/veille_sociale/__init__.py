"""Dialect of the 115 (the emergency line for homeless people) and street teams: reports of people outside,
and places for tonight."""
