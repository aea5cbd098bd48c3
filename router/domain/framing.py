"""Encode a list of byte strings without ambiguity, as input for a hash."""

import struct


def framed(*parts: bytes | str) -> bytes:
    """Encode a list of parts so that two different lists give different bytes. The bytes have the number of
    the parts first, then the length of each part, then the parts."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join((struct.pack(f">{len(encoded)}Q", *map(len, encoded)), *encoded))
