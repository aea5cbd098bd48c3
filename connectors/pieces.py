"""Limits for reading what a server sends, so that it takes at most a share of the event loop."""

COSTLY_SECONDS = 0.001
"""CPU time from which a piece (bytes that are parsed together) counts as costly: the reading then pauses.

Pieces of real answers take a tenth of it; packets and chunks of one byte take more.
"""
PAUSE = 9
"""Length of the pause after a costly piece, as a multiple of its CPU time."""
