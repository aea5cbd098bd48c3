"""Signed heads of the audit's hash chain, and time stamps on some of the heads. Both are kept outside the
database. Pure."""

import base64
import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LATE_STAMP = timedelta(hours=1)
"""Longest time allowed between the signature of a head (hash of the audit's chain) and its time stamp."""
UNREADABLE = (KeyError, TypeError, ValueError, OverflowError, RecursionError)
"""Exceptions that a malformed line of the file of heads (signed hashes of the audit's chain) may raise."""


@dataclass(frozen=True, slots=True)
class Head:
    """Signed hash of the last link of the audit's chain at one moment.

    `restored` is true if operators deliberately restored the database to this link. Links that came after it
    are then lost, and the earlier heads of these links no longer count.
    """

    rank: int
    hash: bytes
    at: datetime
    restored: bool
    signature: bytes = b""
    since: int | None = None
    """Rank of the last link of the audit's chain that the previous head covers. A head is a signed hash of
    the chain. This head's `root` covers all links after that link. None if operators have restored the
    database to this head's link (`restored`)."""
    root: bytes | None = None

    def signed(self, key: Ed25519PrivateKey) -> "Head":
        """Return this head (hash of the audit's chain) with its signature made by `key`."""
        return replace(self, signature=key.sign(self._said()))

    def is_signed_by(self, keys: Iterable[Ed25519PublicKey]) -> bool:
        """Tell whether one of these keys made the signature of this head (hash of the audit's chain)."""
        return any(_is_signature(self.signature, self._said(), key) for key in keys)

    def to_json(self) -> str:
        """Write the head as one line of the file of heads (signed hashes of the audit's chain)."""
        return json.dumps({**self._content(), "signature": self.signature.hex()})

    @classmethod
    def from_json(cls, line: str | bytes) -> "Head":
        """Read a head from its line of the file of heads (signed hashes of the audit's chain). Raises
        ValueError for a malformed line."""
        try:
            return cls._read(json.loads(line))
        except UNREADABLE as exc:
            raise ValueError("tête illisible") from exc

    @classmethod
    def _read(cls, line: Mapping[str, Any]) -> "Head":
        return cls(
            int(line["maillon"]),
            bytes.fromhex(line["empreinte"]),
            datetime.fromisoformat(line["a"]).astimezone(UTC),
            bool(line["reprise"]),
            bytes.fromhex(line["signature"]),
            int(line["depuis"]) if "racine" in line else None,
            bytes.fromhex(line["racine"]) if "racine" in line else None,
        )

    def _content(self) -> dict[str, object]:
        over = {} if self.root is None else {"depuis": self.since, "racine": self.root.hex()}
        return {
            "maillon": self.rank,
            "empreinte": self.hash.hex(),
            "a": self.at.isoformat(),
            "reprise": self.restored,
            **over,
        }

    def _said(self) -> bytes:
        return json.dumps(self._content(), sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class Stamped:
    """Signed head of the audit's chain, with the response of a time-stamp authority (RFC 3161)."""

    head: Head
    response: bytes

    @property
    def stamped_bytes(self) -> bytes:
        """Return the bytes that the time-stamp authority stamps: the signed line of this head (signed hash of
        the audit's chain)."""
        return self.head.to_json().encode()

    def to_json(self) -> str:
        """Write the stamped head (signed hash of the audit's chain) as one line of the file of time
        stamps."""
        return json.dumps(
            {
                "tete": json.loads(self.head.to_json()),
                "horodatage": base64.b64encode(self.response).decode(),
            }
        )

    @classmethod
    def from_json(cls, line: str | bytes) -> "Stamped":
        """Read a stamped head (signed hash of the audit's chain) from its line of the file of time stamps.
        Raises ValueError for a malformed line."""
        try:
            content = json.loads(line)
            return cls(Head._read(content["tete"]), base64.b64decode(content["horodatage"]))
        except UNREADABLE as exc:
            raise ValueError("horodatage illisible") from exc


class Dated(NamedTuple):
    """Signed head of the audit's chain, and a moment (`at`) at which it existed. An outside authority attests
    this moment."""

    head: Head
    at: datetime


class Lack(StrEnum):
    """Kind of proof that the audit lacked during a period: a signed head (hash of the audit's chain), or the
    time stamp of a head."""

    HEAD = "sans tête signée"
    STAMP = "sans horodatage"


class Gap(NamedTuple):
    """Period in which the audit lacked a proof outside the database: a signed head (hash of its chain), or a
    time stamp of a head."""

    lack: Lack
    since: datetime
    until: datetime | None
    """End of the period: the moment at which the head was signed or time-stamped after all. None if the
    period still lasts."""


def in_order(*copies: Iterable[Head]) -> list[Head]:
    """Merge copies of the file of heads (signed hashes of the audit's chain). Return each head once, in the
    order of signature."""
    return sorted(set().union(*copies), key=lambda head: (head.at, head.rank))


def unstamped(heads: Iterable[Head], stamps: Iterable[Dated], now: datetime) -> list[Gap]:
    """Return the periods in which a head (signed hash of the audit's chain) was without a time stamp for longer
    than `LATE_STAMP`. Such a period may still last.

    The heads must be in the order of signature. The stamp of a head also proves the date of all earlier heads.
    """
    dated = sorted(stamps, key=lambda stamp: stamp.head.at)
    signed = [stamp.head.at for stamp in dated]
    earliest = [*accumulate((stamp.at for stamp in reversed(dated)), min)][::-1]
    vouched = ((head, bisect_left(signed, head.at)) for head in heads)
    known = ((head.at, earliest[place] if place < len(earliest) else None) for head, place in vouched)
    late = [(at, until) for at, until in known if (until or now) - at > LATE_STAMP]
    return [Gap(Lack.STAMP, next(same)[0], until) for until, same in groupby(late, key=lambda each: each[1])]


def _is_signature(signature: bytes, signed: bytes, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
