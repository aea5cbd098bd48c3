"""Agreements and derogations: who has signed, until when, what is left."""
