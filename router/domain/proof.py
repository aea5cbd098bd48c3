"""The proof that an event on the bus is one of ours: a MAC over all that its envelope says and over its sealed payload.
Pure.

Who may write to a topic but has not the key can neither make an event, nor change one, nor put the payload of one under
the attributes of another.
"""

import hmac
import struct
from datetime import UTC

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from contracts.envelope import Attributes

LONG_BYTES = 2048
"""What is longer is hashed by the standard library, which lets other threads run meanwhile."""


class Hmac:
    """HMAC-SHA256 under one key, which is set up once: that is most of the cost of a short message."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._begun = HMAC(key, SHA256())

    def over(self, *parts: bytes | str) -> bytes:
        """Over the parts and their lengths: no two lists of parts are taken for each other."""
        encoded = [part.encode() if isinstance(part, str) else part for part in parts]
        lengths = struct.pack(f">{len(encoded)}Q", *map(len, encoded))
        whole = b"".join((lengths, *encoded))
        if len(whole) > LONG_BYTES:
            return hmac.digest(self._key, whole, "sha256")
        mac = self._begun.copy()
        mac.update(whole)
        return mac.finalize()


class Prover:
    """Makes and checks proofs under one key."""

    def __init__(self, key: bytes) -> None:
        self._hmac = Hmac(key)

    def mac(self, attributes: Attributes, payload: bytes) -> bytes:
        """The proof of an event. Raises OverflowError for a time that no calendar has."""
        return self._hmac.over(
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

    def proves(self, mac: bytes | None, attributes: Attributes, payload: bytes) -> bool:
        """Whether this MAC is the proof of this event; takes as long for a wrong one. A time of the hub says its
        offset: another might be read as another moment elsewhere."""
        if mac is None or attributes.time.tzinfo is None:
            return False
        try:
            return hmac.compare_digest(mac, self.mac(attributes, payload))
        except OverflowError:
            return False
