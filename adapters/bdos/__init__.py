"""Dialects of the national base of social observation (BDOS): pseudonymous records go there, published
figures come from there."""
