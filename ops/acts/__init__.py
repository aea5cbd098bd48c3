"""Agreements and derogations: signatures, end, and places left."""
