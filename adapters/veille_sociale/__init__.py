"""Dialect of the 115 and street teams: reports of people who are outside tonight come from them, free places
are sent to them."""
