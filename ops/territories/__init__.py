"""Territories: the partners that cover them, the gaps, and the effect of a new registry."""
