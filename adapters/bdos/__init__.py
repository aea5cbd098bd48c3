"""Dialects of the national base of social observation: the hub sends pseudonymous records to the base and
receives published figures from it."""
