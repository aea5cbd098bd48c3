"""Protect the households that flee violence: only their referents may search for them."""
