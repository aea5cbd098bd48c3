"""Resumption of paused sources, from an offset that a person gives."""
