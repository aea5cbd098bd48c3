"""Fingerprints of the exact bytes accepted or delivered, for receipts."""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

NONCE_BYTES = 16
LOOP_BYTES = 256 * 1024
"""Length in bytes up to which a body is hashed on the event loop. A longer body is hashed in a thread."""


class Seen(NamedTuple):
    """Fingerprint of a message's or delivery's exact bytes. Without the nonce, nobody can guess a small body
    from it."""

    nonce: bytes
    digest: bytes
    """SHA-256 of the nonce and the bytes."""

    @classmethod
    def of(cls, body: bytes) -> "Seen":
        """Return the fingerprint of a body, under a fresh nonce."""
        nonce = os.urandom(NONCE_BYTES)
        hashed = hashlib.sha256(nonce)
        hashed.update(body)
        return cls(nonce, hashed.digest())

    def shares(self, number: int) -> list[bytes]:
        """Split the nonce into so many parts. All of them are needed to restore it."""
        alone = [os.urandom(NONCE_BYTES) for _ in range(number - 1)]
        return [*alone, nonce_of([self.nonce, *alone])]


async def seen(body: bytes) -> Seen:
    """Return the fingerprint of a body. A long body is hashed in a thread."""
    return Seen.of(body) if len(body) <= LOOP_BYTES else await asyncio.to_thread(Seen.of, body)


def nonce_of(shares: Iterable[bytes]) -> bytes:
    """Return the nonce from all its shares."""
    return reduce(_xor, shares, bytes(NONCE_BYTES))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
