"""Limits for reading what a server sends, for a share of the event loop."""

COSTLY_SECONDS = 0.001
"""CPU time from which a piece (bytes that are parsed together) is costly: the reading then pauses.

Pieces of real answers take a tenth; packets and chunks of one byte take more.
"""
PAUSE = 9
"""Pause after a costly piece, as a multiple of its CPU time."""
