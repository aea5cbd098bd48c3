"""Write, read and check the heads of the audit's chain. A head is the hash of the link that was the last at
some moment, signed by the hub and kept outside the database.

A head shows whether the rows that it covers were changed later. Some heads also have a time stamp, by which
an outside authority attests when the head existed.
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
"""Exceptions that may be raised while a malformed head, time stamp or receipt is read."""


@dataclass(frozen=True, slots=True)
class Head:
    """Signed hash of the link that was the last of the audit's chain at the moment `at`. If `restored` is
    true, the database was restored to a state in which this link was the last. Earlier heads of later links
    then no longer count."""

    rank: int
    hash: bytes
    at: datetime
    restored: bool
    signature: bytes = b""
    since: int | None = None
    """Rank of the last link that the previous head covers. `root` is the Merkle root of all links after that
    link, up to the link `rank`. Both are None if `restored` is true."""
    root: bytes | None = None

    def signed(self, key: Ed25519PrivateKey) -> "Head":
        """Return this head, signed with `key`."""
        return replace(self, signature=key.sign(self._said()))

    def is_signed_by(self, keys: Iterable[Ed25519PublicKey]) -> bool:
        """Tell whether one of `keys` made the signature of the head."""
        return any(_is_signature(self.signature, self._said(), key) for key in keys)

    def to_json(self) -> str:
        """Return the head with its signature as one line of JSON. The file of heads has this form."""
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
    """A head, and the response in which a time-stamp authority attests when the head existed (RFC 3161)."""

    head: Head
    response: bytes

    @property
    def stamped_bytes(self) -> bytes:
        """Return the bytes that the time-stamp authority stamps: the head with its signature, as one line of
        JSON."""
        return self.head.to_json().encode()

    def to_json(self) -> str:
        """Return the head and its time stamp as one line of JSON. The file of time stamps has this form."""
        return json.dumps(
            {
                "tete": json.loads(self.head.to_json()),
                "horodatage": base64.b64encode(self.response).decode(),
            }
        )

    @classmethod
    def from_json(cls, line: str | bytes) -> "Stamped":
        """Read a head and its time stamp from their line in the file of time stamps. Raises ValueError for a
        malformed line."""
        try:
            content = json.loads(line)
            return cls(Head._read(content["tete"]), base64.b64decode(content["horodatage"]))
        except UNREADABLE as exc:
            raise ValueError("horodatage illisible") from exc


class Dated(NamedTuple):
    """A head, and a moment (`at`) at which it existed. A time-stamp authority attests this moment."""

    head: Head
    at: datetime


class Lack(StrEnum):
    """The thing that was missing from the audit in a period (`Gap`): a signed head, or a time-stamp
    authority's time stamp for a head."""

    HEAD = "sans tête signée"
    STAMP = "sans horodatage"


class Gap(NamedTuple):
    """A period in which the audit lacked something for too long (`lack`): a signed head that covers certain
    rows, or a time-stamp authority's time stamp for a head."""

    lack: Lack
    since: datetime
    until: datetime | None
    """Moment at which the head was signed or stamped after all. None if the period still lasts."""


def in_order(*copies: Iterable[Head]) -> list[Head]:
    """Merge copies of the file of heads. Return each head once, in the order in which the heads were
    signed."""
    return sorted(set().union(*copies), key=lambda head: (head.at, head.rank))


def unstamped(heads: Iterable[Head], stamps: Iterable[Dated], now: datetime) -> list[Gap]:
    """Return the periods in which a head waited longer than `LATE_STAMP` for a time stamp. The time stamp of
    a head also counts for all heads signed before it. `heads` must be in the order in which they were
    signed."""
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
