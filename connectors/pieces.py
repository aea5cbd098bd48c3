"""Limits for reading what a server sends, so that it takes at most a share of the event loop."""

COSTLY_SECONDS = 0.001
"""CPU time, in seconds, from which a piece (bytes that are parsed together) counts as costly. After a costly
piece, the reading pauses. Pieces of real answers take a tenth of this time. Packets and chunks of one byte take
more."""
PAUSE = 9
"""Length of the pause after a costly piece, as a multiple of the CPU time of the piece."""
