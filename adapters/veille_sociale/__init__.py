"""Dialect of the 115 and street teams: reports of people who are outside tonight, and free places for them."""
