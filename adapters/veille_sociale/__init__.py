"""Dialect of the 115 and street teams: reports of people outside, and places for tonight."""
