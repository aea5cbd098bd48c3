"""Fingerprints of the bytes that the hub accepted or delivered, for signed receipts."""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

NONCE_BYTES = 16
LOOP_BYTES = 256 * 1024
"""Largest body that is hashed on the event loop. A larger one is hashed in a thread."""


class Seen(NamedTuple):
    """Hash of the exact bytes of a message or delivery, with its nonce."""

    nonce: bytes
    digest: bytes
    """SHA-256 of the nonce followed by the bytes."""

    @classmethod
    def of(cls, body: bytes) -> "Seen":
        """Return the hash of a body, with a new nonce."""
        nonce = os.urandom(NONCE_BYTES)
        hashed = hashlib.sha256(nonce)
        hashed.update(body)
        return cls(nonce, hashed.digest())

    def shares(self, number: int) -> list[bytes]:
        """Split the nonce into one part for each of a lot's deliveries. Only all parts together restore the
        nonce."""
        alone = [os.urandom(NONCE_BYTES) for _ in range(number - 1)]
        return [*alone, nonce_of([self.nonce, *alone])]


async def seen(body: bytes) -> Seen:
    """Return the hash of a body, with a new nonce. The hash of a large body is computed in a thread."""
    return Seen.of(body) if len(body) <= LOOP_BYTES else await asyncio.to_thread(Seen.of, body)


def nonce_of(shares: Iterable[bytes]) -> bytes:
    """Restore a nonce from all of its parts."""
    return reduce(_xor, shares, bytes(NONCE_BYTES))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
