"""The hash chain that binds the audit, and what a proof of it finds. Pure.

A link binds some rows to all links before it. A head is a link's hash, signed, and kept outside the database: whoever
rewrites the database cannot rewrite it. Nothing changes a row, a link or their order up to the last head unseen;
what came after that head is the window, which the proof names.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DIGEST_BYTES = 32
BEGINNING = bytes(DIGEST_BYTES)
"""What the first link follows."""
KEPT = timedelta(days=365)
"""Rows and links go after a year, oldest first."""


class Entry(NamedTuple):
    """A row of the audit."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: Mapping[str, Any]

    def digest(self) -> bytes:
        """SHA-256 of everything that the row says."""
        detail = json.dumps(self.detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        at = str(round(self.at.timestamp() * 1_000_000))
        return _hash(str(self.id), at, self.actor, self.action, self.object, detail)


class Link(NamedTuple):
    """Some rows, bound to all that was bound before."""

    number: int
    previous: bytes
    ids: Sequence[int]
    digests: bytes
    """Of each row, one after the other."""
    hash: bytes

    @classmethod
    def after(cls, number: int, previous: bytes, entries: Sequence[Entry]) -> "Link":
        """The link that binds these rows behind the link before it."""
        ids, digests = [entry.id for entry in entries], b"".join(entry.digest() for entry in entries)
        return cls(number, previous, ids, digests, _bound(number, previous, ids, digests))

    @property
    def is_whole(self) -> bool:
        """Whether it says itself what it binds."""
        return self.hash == _bound(self.number, self.previous, self.ids, self.digests)

    def digest_of(self, place: int) -> bytes:
        """What the row at this place was when it was bound."""
        return self.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at a moment, signed. With `restored`, the database went back to this link by the will of
    its operators: heads before it, of later links, no longer bind."""

    number: int
    hash: bytes
    at: datetime
    restored: bool
    signature: bytes = b""

    def signed(self, key: Ed25519PrivateKey) -> "Head":
        """The same head with its signature."""
        return Head(self.number, self.hash, self.at, self.restored, key.sign(self._said()))

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is this key's."""
        try:
            key.verify(self.signature, self._said())
        except InvalidSignature:
            return False
        return True

    def to_json(self) -> str:
        """One line of the file of heads."""
        return json.dumps({**self._content(), "signature": self.signature.hex()})

    @classmethod
    def from_json(cls, line: str) -> "Head":
        """A head as the file keeps it. Raises ValueError."""
        try:
            said = json.loads(line)
            return cls(
                int(said["maillon"]),
                bytes.fromhex(said["empreinte"]),
                datetime.fromisoformat(said["a"]),
                bool(said["reprise"]),
                bytes.fromhex(said["signature"]),
            )
        except (KeyError, TypeError, ValueError) as exc:
            raise ValueError("tête illisible") from exc

    def _content(self) -> dict[str, object]:
        return {
            "maillon": self.number,
            "empreinte": self.hash.hex(),
            "a": self.at.isoformat(),
            "reprise": self.restored,
        }

    def _said(self) -> bytes:
        return json.dumps(self._content(), sort_keys=True).encode()


class Fault(StrEnum):
    """What a proof may find."""

    ROW_CHANGED = "ligne modifiée"
    ROW_MISSING = "ligne absente"
    ROW_UNBOUND = "ligne hors de la chaîne"
    LINK_CHANGED = "maillon modifié"
    LINK_MISSING = "maillon absent"
    HEAD_DIFFERS = "la chaîne n'est plus celle qui fut signée"
    END_CUT = "la fin de la chaîne manque"
    BEGINNING_CUT = "le début de la chaîne manque"
    HEAD_FORGED = "tête que cette clé n'a pas signée"


class Finding(NamedTuple):
    """One fault, and where: a row's id, or a link's number."""

    fault: Fault
    where: int


@dataclass(slots=True)
class Proof:
    """What reading the whole chain showed, link by link."""

    heads: Mapping[int, Head]
    """Those that bind, by link."""
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    first: int | None = None
    last: Link | None = None
    window: int = 0
    """Rows that came after the last head."""

    @classmethod
    def begun(cls, heads: Iterable[Head], key: Ed25519PublicKey) -> "Proof":
        """A proof against the heads of a file, in its order."""
        binding: dict[int, Head] = {}
        findings: list[Finding] = []
        for head in heads:
            if not head.is_signed_by(key):
                findings.append(Finding(Fault.HEAD_FORGED, head.number))
                continue
            if head.restored:
                binding = {number: kept for number, kept in binding.items() if number <= head.number}
            other = binding.setdefault(head.number, head)
            if other.hash != head.hash:
                findings.append(Finding(Fault.HEAD_DIFFERS, head.number))
        return cls(binding, findings)

    def follow(self, link: Link, rows: Mapping[int, Entry]) -> None:
        """The next link, with the rows that are there of those it binds."""
        self._join(link)
        self.findings += _changed(link, rows)
        self.rows += len(link.ids)
        self.window = 0 if link.number in self.heads else self.window + len(link.ids)
        head = self.heads.get(link.number)
        if head is not None and head.hash != link.hash:
            self.findings.append(Finding(Fault.HEAD_DIFFERS, link.number))
        self.last = link

    def ended(self, now: datetime) -> "Proof":
        """After the last link: whether the end or the beginning was cut."""
        last = self.last.number if self.last else 0
        beyond = [number for number in self.heads if number > last]
        if beyond:
            self.findings.append(Finding(Fault.END_CUT, min(beyond)))
        first = last + 1 if self.first is None else self.first
        recent = [n for n, head in self.heads.items() if n < first and now - head.at < KEPT]
        if recent:
            self.findings.append(Finding(Fault.BEGINNING_CUT, min(recent)))
        return self

    def _join(self, link: Link) -> None:
        before = self.last
        if before is None:
            self.first = link.number
            if link.number == 1 and link.previous != BEGINNING:
                self.findings.append(Finding(Fault.LINK_CHANGED, 1))
        elif link.number != before.number + 1:
            self.findings.append(Finding(Fault.LINK_MISSING, before.number + 1))
        elif link.previous != before.hash:
            self.findings.append(Finding(Fault.LINK_CHANGED, link.number))
        if not link.is_whole:
            self.findings.append(Finding(Fault.LINK_CHANGED, link.number))


def _changed(link: Link, rows: Mapping[int, Entry]) -> Iterator[Finding]:
    for place, ident in enumerate(link.ids):
        row = rows.get(ident)
        if row is None:
            yield Finding(Fault.ROW_MISSING, ident)
        elif row.digest() != link.digest_of(place):
            yield Finding(Fault.ROW_CHANGED, ident)


def _bound(number: int, previous: bytes, ids: Sequence[int], digests: bytes) -> bytes:
    return _hash(str(number), previous, struct.pack(f">{len(ids)}q", *ids), digests)


def _hash(*parts: str | bytes) -> bytes:
    """SHA-256 over the parts and their lengths: no two sequences of parts are one."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    whole = hashlib.sha256(struct.pack(f">{len(encoded)}Q", *map(len, encoded)))
    for part in encoded:
        whole.update(part)
    return whole.digest()
