"""Fingerprints of the bytes that the hub accepted or delivered, for signed receipts."""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

NONCE_BYTES = 16
LOOP_BYTES = 256 * 1024
"""Largest body, in bytes, that is hashed on the event loop. A larger body is hashed in a thread."""


class Seen(NamedTuple):
    """Fingerprint of the exact bytes of a message or delivery, with its nonce (random bytes). Without the
    nonce, nobody can guess a short message from the fingerprint."""

    nonce: bytes
    digest: bytes
    """SHA-256 of the nonce (random bytes) followed by the bytes of the message or delivery."""

    @classmethod
    def of(cls, body: bytes) -> "Seen":
        """Return the fingerprint of a body: its hash together with new random bytes, the nonce. Without the
        nonce, nobody can guess a short body from its hash."""
        nonce = os.urandom(NONCE_BYTES)
        hashed = hashlib.sha256(nonce)
        hashed.update(body)
        return cls(nonce, hashed.digest())

    def shares(self, number: int) -> list[bytes]:
        """Split the nonce of a lot (file of several deliveries) into `number` parts, one for each delivery.
        The nonce can be restored only from all parts together: without one part, nobody can guess the file
        from its hash."""
        alone = [os.urandom(NONCE_BYTES) for _ in range(number - 1)]
        return [*alone, nonce_of([self.nonce, *alone])]


async def seen(body: bytes) -> Seen:
    """Return the fingerprint of a body, with a new random nonce. A large body is hashed in a thread."""
    return Seen.of(body) if len(body) <= LOOP_BYTES else await asyncio.to_thread(Seen.of, body)


def nonce_of(shares: Iterable[bytes]) -> bytes:
    """Restore a receipt's nonce (random bytes) from its parts. All parts are needed: each delivery of a lot
    (file of several deliveries) has one."""
    return reduce(_xor, shares, bytes(NONCE_BYTES))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
