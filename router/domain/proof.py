"""Proof that the hub wrote an event on the bus: a MAC over the whole envelope and the sealed payload. Pure.

Without the key nobody can make an event, change one, or put a payload under other attributes.
"""

import hmac
from datetime import UTC

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from contracts.envelope import Attributes
from router.domain.framing import framed

LONG_BYTES = 2048
"""Length in bytes from which a proof is computed by `hashlib`, which does not block other threads."""


class Hmac:
    """HMAC-SHA256 under one key, prepared once because that takes most of the time."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._begun = HMAC(key, SHA256())

    def over(self, *parts: bytes | str) -> bytes:
        """Return the MAC over the parts and their lengths, so that no two lists of parts have equal MACs."""
        whole = framed(*parts)
        if len(whole) > LONG_BYTES:
            return hmac.digest(self._key, whole, "sha256")
        mac = self._begun.copy()
        mac.update(whole)
        return mac.finalize()


class Prover:
    """Makes and checks the proofs that the hub wrote an event. The first key makes proofs, and every key
    checks them."""

    def __init__(self, *keys: bytes) -> None:
        self.use(*keys)

    def use(self, *keys: bytes) -> None:
        """Use these keys from now on: the first makes proofs, all check them."""
        self._hmacs = [Hmac(key) for key in keys]

    def mac(self, attributes: Attributes, payload: bytes) -> bytes:
        """Return the proof of an event. Raises OverflowError for a time outside the calendar."""
        return self._mac(self._hmacs[0], attributes, payload)

    def proves(self, mac: bytes | None, attributes: Attributes, payload: bytes) -> bool:
        """Tell whether this MAC proves this event, in constant time. A time without a UTC offset is never
        proved."""
        if mac is None or attributes.time.tzinfo is None:
            return False
        try:
            return any(hmac.compare_digest(mac, self._mac(each, attributes, payload)) for each in self._hmacs)
        except OverflowError:
            return False

    @staticmethod
    def _mac(under: Hmac, attributes: Attributes, payload: bytes) -> bytes:
        return under.over(
            attributes.id.bytes,
            attributes.type,
            attributes.source,
            attributes.subject.bytes,
            attributes.time.astimezone(UTC).isoformat(),
            attributes.territoire,
            attributes.correlationid.bytes,
            attributes.causationid.bytes if attributes.causationid else b"",
            attributes.traceparent or b"",
            payload,
        )
