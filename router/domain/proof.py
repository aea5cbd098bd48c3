"""Make and check the proof that the hub itself wrote an event on Kafka. The proof is an HMAC (a hash with a
secret key) over the event's attributes and its encrypted payload.

Without the key, nobody can forge or change an event, or put the payload of one event under the attributes of
another.
"""

import hmac
from datetime import UTC

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from contracts.envelope import Attributes
from router.domain.framing import framed

LONG_BYTES = 2048
"""Largest input, in bytes, for which the library `cryptography` computes the HMAC. For larger input, Python's
own `hmac` computes it, because it lets other threads run meanwhile."""


class Hmac:
    """An HMAC-SHA256 with one key. The key is prepared only once, because this takes longer than to hash a
    short event."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._begun = HMAC(key, SHA256())

    def over(self, *parts: bytes | str) -> bytes:
        """Return the HMAC over these parts and their lengths, so that two different lists of parts give
        different HMACs."""
        whole = framed(*parts)
        if len(whole) > LONG_BYTES:
            return hmac.digest(self._key, whole, "sha256")
        mac = self._begun.copy()
        mac.update(whole)
        return mac.finalize()


class Prover:
    """A maker and checker of proofs, with several keys. The first key makes new proofs. A proof that any of
    the keys made is accepted."""

    def __init__(self, *keys: bytes) -> None:
        self.use(*keys)

    def use(self, *keys: bytes) -> None:
        """Replace all keys. The first of `keys` makes new proofs. A proof that any of `keys` made is
        accepted."""
        self._hmacs = [Hmac(key) for key in keys]

    def mac(self, attributes: Attributes, payload: bytes) -> bytes:
        """Return the proof of an event. Raises OverflowError if the time of the event, in UTC, is outside
        Python's calendar."""
        return self._mac(self._hmacs[0], attributes, payload)

    def proves(self, mac: bytes | None, attributes: Attributes, payload: bytes) -> bool:
        """Tell whether `mac` proves this event. An event whose time has no time zone is never proven. The
        comparison takes constant time, so that its duration reveals nothing."""
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
