"""Dialects of the national base of social observation (BDOS): the hub sends it pseudonymous records, and
receives the figures that it publishes."""
