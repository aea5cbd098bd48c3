"""Resumption of paused sources, at an offset that a person chooses."""
