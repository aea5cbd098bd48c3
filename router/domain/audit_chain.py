"""Make and verify the hash chain over the rows of the audit.

A link of the chain hashes some audit rows together with the previous link. A head is the signed hash of a
link, and is kept outside the database. So any change of a row or link is detected if a head covers the row or
link.
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
"""Value that stands for the hash of a previous link in the first link of the chain."""
KEPT = timedelta(days=365)
"""Age from which rows of the audit and links of its chain may be deleted. The oldest are deleted first."""
DELIVERED = "message.remis"
"""Value of `action` in the audit rows that prove a delivery to a partner."""
LATE_HEAD = timedelta(minutes=5)
"""Longest time allowed between an audit row and the signature of a head that covers the row."""
_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class AuditRow(NamedTuple):
    """A row of the audit. It says who (`actor`) did what (`action`) to which object, and when."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: Mapping[str, Any]

    def digest(self) -> bytes:
        """Return the SHA-256 over all fields of the row."""
        at = str(round(self.at.timestamp() * 1_000_000))
        return _hash(str(self.id), at, self.actor, self.action, self.object, _written(self.detail))


class Link(NamedTuple):
    """A link of the audit's chain. Its hash covers the hash of the previous link and some rows of the
    audit."""

    rank: int
    previous: bytes
    ids: Sequence[int]
    digests: bytes
    """Digests of the link's rows, concatenated."""
    hash: bytes

    @classmethod
    def after(cls, rank: int, previous: bytes, entries: Sequence[AuditRow]) -> "Link":
        """Return a new link, which follows the link with the hash `previous`. `rank` is the new link's rank in
        the chain, and `entries` are the rows that it covers."""
        ids, digests = [entry.id for entry in entries], [entry.digest() for entry in entries]
        return cls(rank, previous, ids, b"".join(digests), bound(rank, previous, root_of(digests)))

    @property
    def is_whole(self) -> bool:
        """Tell whether the stored hash of the link agrees with its content."""
        if not self.ids or len(self.digests) != len(self.ids) * DIGEST_BYTES:
            return False
        return self.hash == bound(self.rank, self.previous, root_of(self.leaves))

    @property
    def leaves(self) -> list[bytes]:
        """Return the digests of all rows of the link, in order, as the link recorded them."""
        return [self.digest_of(place) for place in range(len(self.digests) // DIGEST_BYTES)]

    def digest_of(self, place: int) -> bytes:
        """Return the digest of one row, as the link recorded it. `place` is the index of the row in the
        link."""
        return self.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]


class Fault(StrEnum):
    """Kinds of damage that a verification of the audit may find."""

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
    """Damage that a verification of the audit found. `where` is the id of the damaged row, or the rank of the
    damaged link."""

    fault: Fault
    where: int


class Restoration(NamedTuple):
    """An operation by which operators restored the database to an earlier state, in which the link `rank` was
    the last. The hub signed a head that says so, and the chain goes on from this link."""

    rank: int
    at: datetime
    lost: int
    """Rank of the last link for which a head was signed before the restoration; `rank` if there was no head.
    The links after `rank`, up to this last link, may be lost."""


@dataclass(slots=True)
class Proof:
    """A verification of the audit's chain, with what it has checked so far and all damage that it has found
    (`findings`). To verify a chain, call `begun`, then `follow` for each link in order, then `ended`."""

    heads: Mapping[int, Head]
    """Heads by the rank of their link. Heads that a restoration made invalid are left out."""
    findings: list[Finding] = field(default_factory=list)
    restorations: list[Restoration] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    """Periods in which an audit row waited too long for a head."""
    rows: int = 0
    first: int | None = None
    last: Link | None = None
    window: int = 0
    """Number of checked rows that no head covers yet."""
    _oldest: datetime | None = None
    """Time of the oldest checked row that no head covers yet."""
    _hashes: list[bytes] = field(default_factory=list)
    """Hashes of the checked links that no head covers yet."""

    @classmethod
    def begun(cls, heads: Iterable[Head], keys: Sequence[Ed25519PublicKey]) -> "Proof":
        """Start a verification of the chain against `heads`, which must be in the order in which they were
        signed. A head that none of `keys` signed is added to `findings`, and so are heads that give one link
        different hashes."""
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
        """Check the next link against three things: the previous link, the stored `rows` (by id), and the
        head of this link, if there is one. All damage is added to `findings`."""
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
        """End this verification at the moment `now`, after the last link was checked, and return it. Add to
        `findings` the links that are missing at the end or the beginning of the chain. At the beginning, leave
        out links that were old enough to be deleted (`KEPT`). If checked rows that no head covers yet have
        waited longer than `LATE_HEAD`, add to `gaps` the time since the oldest of these rows was written."""
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
    """Return the hash of a link. It covers the link's rank, the hash of the previous link, and the Merkle root
    of the link's rows."""
    return _hash(str(rank), previous, root)


def _hash(*parts: str | bytes) -> bytes:
    return hashlib.sha256(framed(*parts)).digest()
