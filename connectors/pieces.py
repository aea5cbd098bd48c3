"""Limit the CPU time for parsing what a server sends, so that one server takes only a share of the event
loop's time."""

COSTLY_SECONDS = 0.001
"""CPU time from which a piece is costly, so that reading pauses. A piece is the bytes that are parsed
together. Pieces of real responses take a tenth of this time."""
PAUSE = 9
"""Length of the pause after a costly piece, as a multiple of the CPU time that the piece took."""
