"""Heads of the audit's chain: its last hash, signed from time to time and kept outside the database. Pure.

A head shows whether the rows that it covers were changed since. Some heads also have a time stamp, by which
an outside authority attests when they existed.
"""

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

HEAD_SECONDS = 60.0
"""Seconds between two signed heads, while the audit grows."""
LATE_STAMP = timedelta(hours=1)
"""Longest time allowed between the signature of a head and its time stamp."""
UNREADABLE = (KeyError, TypeError, ValueError, OverflowError, RecursionError)
"""Exceptions that a malformed line may raise."""


@dataclass(frozen=True, slots=True)
class Head:
    """Signed hash of the last link of the audit's chain at the moment `at`. If `restored`, a restore of the
    database lost the links after this one, and the heads signed for the lost links no longer count."""

    rank: int
    hash: bytes
    at: datetime
    restored: bool
    signature: bytes = b""
    since: int | None = None
    """Rank of the last link that the previous head covers. `root` is the Merkle root of all links after that
    link, up to `rank`. None if `restored`."""
    root: bytes | None = None

    def signed(self, key: Ed25519PrivateKey) -> "Head":
        """Return this head, signed with `key`."""
        return replace(self, signature=key.sign(self._said()))

    def is_signed_by(self, keys: Iterable[Ed25519PublicKey]) -> bool:
        """Tell whether one of these keys made the signature."""
        return any(_is_signature(self.signature, self._said(), key) for key in keys)

    def to_json(self) -> str:
        """Return the head, with its signature, as JSON in one line: the form that it has in the file of
        heads."""
        return json.dumps({**self._content(), "signature": self.signature.hex()})

    @classmethod
    def from_json(cls, line: str | bytes) -> "Head":
        """Read a head from its line in the file of heads. Raises ValueError for a malformed line."""
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
    """Head with the response of a time-stamp authority (RFC 3161)."""

    head: Head
    response: bytes

    @property
    def stamped_bytes(self) -> bytes:
        """Return the bytes to which the time-stamp authority (RFC 3161) gives its time stamp: the head as one
        line of text, with its signature."""
        return self.head.to_json().encode()

    def to_json(self) -> str:
        """Return the head and its time stamp as JSON in one line: the form that they have in the file of time
        stamps."""
        return json.dumps(
            {
                "tete": json.loads(self.head.to_json()),
                "horodatage": base64.b64encode(self.response).decode(),
            }
        )

    @classmethod
    def from_json(cls, line: str | bytes) -> "Stamped":
        """Read a head and its stamp from their line in the file of time stamps. Raises ValueError for a
        malformed line."""
        try:
            content = json.loads(line)
            return cls(Head._read(content["tete"]), base64.b64decode(content["horodatage"]))
        except UNREADABLE as exc:
            raise ValueError("horodatage illisible") from exc


class Dated(NamedTuple):
    """Head, with a moment at which it existed, as a time-stamp authority attests."""

    head: Head
    at: datetime


class Lack(StrEnum):
    """What was missing from the audit in a period (`Gap`): a signed head, or the time stamp that a time-stamp
    authority gives to a head."""

    HEAD = "sans tête signée"
    STAMP = "sans horodatage"


class Gap(NamedTuple):
    """Period in which rows of the audit waited too long for a signed head to cover them, or a signed head
    waited too long for the time stamp of a time-stamp authority."""

    lack: Lack
    since: datetime
    until: datetime | None
    """When the head was signed or stamped after all. None if the period still lasts."""


def in_order(*copies: Iterable[Head]) -> list[Head]:
    """Merge copies of the file of heads. Return each head once, in the order of signature."""
    return sorted(set().union(*copies), key=lambda head: (head.at, head.rank))


def unstamped(heads: Iterable[Head], stamps: Iterable[Dated], now: datetime) -> list[Gap]:
    """Return the periods in which a head waited longer than `LATE_STAMP` for a time stamp. `heads` are in the
    order of their signature; a stamp counts for all earlier heads too."""
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
