"""Hash chain over the rows of the audit, and its verification. Pure.

Each link of the chain hashes some audit rows together with the previous link. A head is the signed hash of a
link, and is kept outside the database. A change of a row or link that a head covers is therefore always
detected.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from router.domain.audit_heads import Gap, Head, Lack
from router.domain.framing import framed
from router.domain.merkle import root_of

DIGEST_BYTES = 32
BEGINNING = bytes(DIGEST_BYTES)
"""Hash that the first link of the audit's chain has as its previous hash: 32 zero bytes."""
KEPT = timedelta(days=365)
"""Age at which rows of the audit, and links of its hash chain, may be deleted. The oldest are deleted
first."""
DELIVERED = "message.remis"
"""Value of `action` in the audit rows that record the proof of a delivery to a partner."""
LATE_HEAD = timedelta(minutes=5)
"""Longest time allowed between an audit row and the signed head (hash of the chain) that covers it."""
_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class AuditRow(NamedTuple):
    """Row of the audit: who (`actor`) did what (`action`) to which object, and when."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: Mapping[str, Any]

    def digest(self) -> bytes:
        """Return the SHA-256 over all fields of the audit row."""
        at = str(round(self.at.timestamp() * 1_000_000))
        return _hash(str(self.id), at, self.actor, self.action, self.object, _written(self.detail))


class Link(NamedTuple):
    """Link of the audit's hash chain. Its hash covers some audit rows and the hash of the previous link."""

    rank: int
    previous: bytes
    ids: Sequence[int]
    digests: bytes
    """Digests of the audit rows in the link, concatenated."""
    hash: bytes

    @classmethod
    def after(cls, rank: int, previous: bytes, entries: Sequence[AuditRow]) -> "Link":
        """Make the link of rank `rank` in the chain, over the audit rows `entries`. `previous` is the hash of
        the link before it."""
        ids, digests = [entry.id for entry in entries], [entry.digest() for entry in entries]
        return cls(rank, previous, ids, b"".join(digests), bound(rank, previous, root_of(digests)))

    @property
    def is_whole(self) -> bool:
        """Tell whether the link is undamaged: its stored hash is the hash of its content."""
        if not self.ids or len(self.digests) != len(self.ids) * DIGEST_BYTES:
            return False
        return self.hash == bound(self.rank, self.previous, root_of(self.leaves))

    @property
    def leaves(self) -> list[bytes]:
        """Return the digests (hashes) that the link recorded for its audit rows, in the order of the rows."""
        return [self.digest_of(place) for place in range(len(self.digests) // DIGEST_BYTES)]

    def digest_of(self, place: int) -> bytes:
        """Return the digest that the link recorded for its audit row at index `place`."""
        return self.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]


class Fault(StrEnum):
    """Kinds of damage that the verification of the audit's hash chain may find."""

    ROW_CHANGED = "ligne modifiée"
    ROW_MISSING = "ligne absente"
    ROW_UNBOUND = "ligne hors de la chaîne"
    LINK_CHANGED = "maillon modifié"
    LINK_MISSING = "maillon absent"
    HEAD_DIFFERS = "la chaîne n'est plus celle qui a été signée"
    END_CUT = "la fin de la chaîne manque"
    BEGINNING_CUT = "le début de la chaîne manque"
    HEAD_FORGED = "tête que cette clé n'a pas signée"
    STAMP_FORGED = "horodatage que cette autorité n'a pas donné"


class Finding(NamedTuple):
    """One damage found in the audit's hash chain. `where` is the id of an audit row or the rank of a link,
    depending on the kind of damage."""

    fault: Fault
    where: int


class Restoration(NamedTuple):
    """Statement by the hub that operators restored the database, so that the audit's chain goes on from an
    earlier link. The hub has signed the statement."""

    rank: int
    at: datetime
    lost: int
    """Rank of the last link of the audit's chain that was signed before the restoration: links up to this one
    may be lost. If no link was signed, it is the rank of the link to which the database was restored."""


@dataclass(slots=True)
class Proof:
    """Verifier of the audit's hash chain. It takes the chain link by link, and collects what it finds."""

    heads: Mapping[int, Head]
    """Signed heads of the audit's hash chain. The key is the rank of the link whose hash the head signs.
    Heads that became invalid when the database was restored are left out."""
    findings: list[Finding] = field(default_factory=list)
    restorations: list[Restoration] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    """Periods in which an audit row waited too long for a signed head (hash of the chain)."""
    rows: int = 0
    first: int | None = None
    last: Link | None = None
    window: int = 0
    """Number of audit rows that were checked, although no signed head protects them yet. A head is a signed
    hash of the audit's chain."""
    _oldest: datetime | None = None
    """Time of the oldest checked audit row that no signed head (hash of the chain) covers yet."""
    _hashes: list[bytes] = field(default_factory=list)
    """Hashes of the checked links that no signed head (hash of the chain) covers yet."""

    @classmethod
    def begun(cls, heads: Iterable[Head], keys: Sequence[Ed25519PublicKey]) -> "Proof":
        """Start the verification of the audit's hash chain against signed heads, given in the order of their
        signature. Heads that none of `keys` signed become findings."""
        binding: dict[int, Head] = {}
        proof = cls(binding)
        for head in heads:
            if not head.is_signed_by(keys):
                proof.findings.append(Finding(Fault.HEAD_FORGED, head.rank))
                continue
            if head.restored:
                proof.restorations.append(Restoration(head.rank, head.at, max(binding, default=head.rank)))
                for rank in [rank for rank in binding if rank > head.rank]:
                    del binding[rank]
            other = binding.setdefault(head.rank, head)
            if other.hash != head.hash:
                proof.findings.append(Finding(Fault.HEAD_DIFFERS, head.rank))
        return proof

    def follow(self, link: Link, rows: Mapping[int, AuditRow]) -> None:
        """Check the next link of the chain: against the previous link, against its audit rows (`rows`, by their
        ids), and against its signed head, if it has one. Add each damage to `findings`. A missing audit row is
        a damage too."""
        self._join(link)
        self.findings += _changed(link, rows)
        self.rows += len(link.ids)
        self.window += len(link.ids)
        written = [row.at for row in rows.values()]
        self._oldest = min([*written, self._oldest] if self._oldest else written, default=None)
        self._hashes.append(link.hash)
        if (head := self.heads.get(link.rank)) is not None:
            self._meet(head, link)
        self.last = link

    def _meet(self, head: Head, link: Link) -> None:
        whole = head.root is not None and len(self._hashes) == head.rank - (head.since or 0)
        if head.hash != link.hash or (whole and head.root != root_of(self._hashes)):
            self.findings.append(Finding(Fault.HEAD_DIFFERS, link.rank))
        self._hashes = []
        self._note_late(head.at, head.at)
        self.window, self._oldest = 0, None

    def _note_late(self, covered: datetime, until: datetime | None) -> None:
        if self._oldest is not None and covered - self._oldest > LATE_HEAD:
            self.gaps.append(Gap(Lack.HEAD, self._oldest, until))

    def ended(self, now: datetime) -> "Proof":
        """Finish the verification at `now`.

        Add a finding if signed links are missing at the end of the chain. Add a finding if signed links are
        missing at its beginning and their head is younger than `KEPT`. Add a gap if audit rows have waited too
        long for a signed head.
        """
        last = self.last.rank if self.last else 0
        beyond = [rank for rank in self.heads if rank > last]
        if beyond:
            self.findings.append(Finding(Fault.END_CUT, min(beyond)))
        first = last + 1 if self.first is None else self.first
        recent = [n for n, head in self.heads.items() if n < first and now - head.at < KEPT]
        if recent:
            self.findings.append(Finding(Fault.BEGINNING_CUT, min(recent)))
        self._note_late(now, None)
        return self

    def _join(self, link: Link) -> None:
        before = self.last
        if before is None:
            self.first = link.rank
            if link.rank == 1 and link.previous != BEGINNING:
                self.findings.append(Finding(Fault.LINK_CHANGED, 1))
        elif link.rank != before.rank + 1:
            self.findings.append(Finding(Fault.LINK_MISSING, before.rank + 1))
        elif link.previous != before.hash:
            self.findings.append(Finding(Fault.LINK_CHANGED, link.rank))
        if not link.is_whole:
            self.findings.append(Finding(Fault.LINK_CHANGED, link.rank))


def _changed(link: Link, rows: Mapping[int, AuditRow]) -> Iterator[Finding]:
    for place, ident in enumerate(link.ids):
        row = rows.get(ident)
        if row is None:
            yield Finding(Fault.ROW_MISSING, ident)
        elif row.digest() != link.digest_of(place):
            yield Finding(Fault.ROW_CHANGED, ident)


def bound(rank: int, previous: bytes, root: bytes) -> bytes:
    """Return the hash of the link of rank `rank` in the audit's chain. The hash covers the rank, the hash of
    the link before (`previous`), and the Merkle root of the link's audit rows (`root`)."""
    return _hash(str(rank), previous, root)


def _hash(*parts: str | bytes) -> bytes:
    """Return the SHA-256 of these parts and their lengths. Different lists of parts therefore give different
    hashes."""
    return hashlib.sha256(framed(*parts)).digest()
