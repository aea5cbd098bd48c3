"""Hash the bytes that the hub accepted or delivered, for signed receipts."""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

NONCE_BYTES = 16
LOOP_BYTES = 256 * 1024
"""Size of the largest body that is hashed on the event loop. A larger body is hashed in a thread."""


class Seen(NamedTuple):
    """Data that show later which bytes a message or delivery had: a random nonce, and the hash of the nonce followed
    by the bytes."""

    nonce: bytes
    digest: bytes
    """SHA-256 of the nonce followed by the bytes."""

    @classmethod
    def of(cls, body: bytes) -> "Seen":
        """Return a new random nonce, and the hash of the nonce followed by the body."""
        nonce = os.urandom(NONCE_BYTES)
        hashed = hashlib.sha256(nonce)
        hashed.update(body)
        return cls(nonce, hashed.digest())

    def shares(self, number: int) -> list[bytes]:
        """Split the nonce into `number` parts, one for each delivery of a lot. A lot is several deliveries in one
        file. Only all parts together give the nonce back."""
        alone = [os.urandom(NONCE_BYTES) for _ in range(number - 1)]
        return [*alone, nonce_of([self.nonce, *alone])]


async def seen(body: bytes) -> Seen:
    """Return a new random nonce, and the hash of the nonce followed by the body. If the body is large, a thread
    computes the hash."""
    return Seen.of(body) if len(body) <= LOOP_BYTES else await asyncio.to_thread(Seen.of, body)


def nonce_of(shares: Iterable[bytes]) -> bytes:
    """Return the nonce that was split into the parts `shares`. All its parts are needed."""
    return reduce(_xor, shares, bytes(NONCE_BYTES))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
