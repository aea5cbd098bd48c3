"""Join several parts into bytes that no other list of parts gives."""

import struct


def framed(*parts: bytes | str) -> bytes:
    """Return the lengths of the parts, then the parts. Two different lists of parts never give the same bytes."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join((struct.pack(f">{len(encoded)}Q", *map(len, encoded)), *encoded))
