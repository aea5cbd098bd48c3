"""Dialects of the national base of social observation: pseudonymous records are sent to it, published figures
come from it."""
