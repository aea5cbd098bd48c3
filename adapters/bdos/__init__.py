"""Dialects of the national base of social observation: pseudonymous records go there, published figures come
back."""
