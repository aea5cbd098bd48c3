"""Encode a list of byte strings without ambiguity, as input for a hash."""

import struct


def framed(*parts: bytes | str) -> bytes:
    """Encode a list of texts or bytes as the lengths of its parts, followed by the parts. Different lists
    thus always give different bytes."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join((struct.pack(f">{len(encoded)}Q", *map(len, encoded)), *encoded))
