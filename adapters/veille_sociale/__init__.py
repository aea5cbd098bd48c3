"""Dialect of the 115 and street teams: reports of people who are outside tonight come from these partners,
and free places are sent to them."""
