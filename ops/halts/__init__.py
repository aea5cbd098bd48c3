"""Paused sources, resumed by a person."""
