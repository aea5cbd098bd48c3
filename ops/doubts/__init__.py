"""Doubts about partners' declarations. A declared figure may be outdated, or differ from the hub's figure
without an explanation. A declared vacancy may be outdated."""
