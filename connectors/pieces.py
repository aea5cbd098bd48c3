"""Limits on the CPU time for parsing what a server sends, so that one server takes only a share of the event
loop."""

COSTLY_SECONDS = 0.001
"""CPU time at which a piece (bytes that are parsed together) is costly, so that reading pauses. Pieces of real
answers take a tenth."""
PAUSE = 9
"""Pause after a costly piece, as a multiple of its CPU time."""
