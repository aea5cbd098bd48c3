"""Deliveries that are ready to be sent. Each is a single delivery, one part of a whole list of households ready
for housing, or a lot. A lot is several deliveries in one file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Attributes, Event
from contracts.ports import Native
from router.delivery.lists import PartOfAList
from router.delivery.rendering import Forgotten, Sealed, rendered, view_of
from router.privacy.crosswalk import Names
from router.privacy.seen import Seen
from router.store.lanes import LaneClaim, Settled


@dataclass(frozen=True, slots=True)
class Due:
    """Delivery that is ready to be sent: a single delivery, or a lot. A lot is several deliveries in one file."""

    id: UUID
    etat: str
    attributes: Attributes
    lines: Sequence[tuple[LaneClaim, UUID]] = ()
    """For each delivery in a lot: the claim of the delivery's lane, and the delivery's id. A lot is several
    deliveries in one file. Empty for a single delivery."""

    @property
    def types(self) -> frozenset[str]:
        """Return the message types in the delivery or lot."""
        return frozenset((self.attributes.type,))

    def render(self) -> Native:
        """Return the bytes for the partner.

        Raises Forgotten if the household was forgotten. Raises OfANewerVersion if the hub does not know the
        message type. Raises the errors of the adapter.
        """
        raise NotImplementedError

    def keep(self, reply: Native | None) -> bytes | None:
        """Return the partner's response, cut and encrypted for storage. Return None if there is no response,
        or no key to encrypt it."""
        return None

    def settled(self, etat: str, error: str | None = None, reply: Native | None = None) -> list[Settled]:
        """Return the results of the deliveries. All of them have the final state `etat`."""
        raise NotImplementedError

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        """Return the results of the deliveries, which the partner has provably received. `seen` is the
        fingerprint of the bytes that the partner received, and `reply` is the partner's response."""
        raise NotImplementedError

    @property
    def is_lot(self) -> bool:
        """Tell whether this is a lot: several deliveries that are sent together in one file.

        A lot is always recorded as in flight before it is sent, even for a partner that recognises
        repetitions. If the lot is refused, its deliveries are sent again under new idempotency keys, by
        which the partner would not recognise a repetition.
        """
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class DueAlone(Due):
    """Single delivery. It is sent alone, or in a lot. A lot is several deliveries in one file."""

    content: Sealed | Exception = field(kw_only=True)
    """Encrypted content of the delivery, or the error that reading it from the database has raised."""
    ciphers: Mapping[UUID, Any] = field(kw_only=True)
    names: Names = field(kw_only=True)
    part: PartOfAList | None = field(default=None, kw_only=True)
    """Part of a whole list of households ready for housing, if the delivery is such a part. Otherwise None.
    Such a part is always sent in a file of its own."""

    @property
    def sealed(self) -> Sealed:
        """Return the encrypted content of the delivery. If the content could not be read from the database,
        raise the error of reading it."""
        if isinstance(self.content, Exception):
            raise self.content
        return self.content

    def opened(self) -> Event:
        """Return the event with the fields that the partner may see.

        Raises Forgotten if the household was forgotten. Raises InvalidContract if the event cannot be
        decrypted. If the delivery could not be read from the database, raises the error of that reading.
        """
        return self.sealed.opened(self.ciphers, self.names)

    def render(self) -> Native:
        partner = self.sealed.partner
        if self.part is not None:
            return self.part.render(partner, self.ciphers, self.names)
        return rendered([self.opened()], view_of(partner, [self.sealed], self.names))

    def keep(self, reply: Native | None) -> bytes | None:
        if isinstance(self.content, Exception):
            return None
        return self.content.keep_reply(self.ciphers, self.id, reply)

    def settled(self, etat: str, error: str | None = None, reply: Native | None = None) -> list[Settled]:
        return [Settled(self.id, etat, error, self.keep(reply))]

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        return [self.proved(seen, datetime.now(UTC))._replace(reply=self.keep(reply))]

    def proved(self, seen: Seen, at: datetime, lot: UUID | None = None, size: int | None = None) -> Settled:
        """Return the result of a delivery that provably reached the partner at `at`. A delivery may have been
        sent in a lot (several deliveries in one file). Then `lot` is the lot's id, and `size` its number of
        deliveries.

        For a signed receipt, the result also has the hash of the sent bytes, and the encrypted nonce (random
        bytes) that was hashed with them. It has neither if the content could not be read, or if no key can
        encrypt the nonce.
        """
        proof = Settled(self.id, "livree", arrived=(self.attributes, at))
        if isinstance(self.content, Exception):
            return proof
        nonce = self.content.seal_nonce(self.ciphers, self.id, seen.nonce)
        if nonce is None:
            return proof
        return proof._replace(digest=seen.digest.hex(), nonce=nonce, lot=lot, size=size)


@dataclass(frozen=True, slots=True)
class DueLot(Due):
    """Lot: several deliveries that are sent in one file. The partner's response is not stored, because it
    may name several households."""

    members: Sequence[DueAlone] = field(kw_only=True)
    forgotten: set[UUID] = field(default_factory=set, kw_only=True)
    """Ids of the deliveries about forgotten households. `render` leaves these deliveries out, and adds their
    ids here."""

    @property
    def types(self) -> frozenset[str]:
        return frozenset(line.attributes.type for line in self.members)

    def render(self) -> Native:
        """Return the bytes of the deliveries. Deliveries about forgotten households are left out. Raises
        Forgotten if no delivery is left."""
        first = self.members[0]
        if first.part is not None:
            return first.render()
        events: list[Event] = []
        sealed: list[Sealed] = []
        for line in self.members:
            try:
                events.append(line.opened())
                sealed.append(line.sealed)
            except Forgotten:
                self.forgotten.add(line.id)
        if not events:
            raise Forgotten
        return rendered(events, view_of(sealed[0].partner, sealed, first.names, self.id))

    def settled(self, etat: str, error: str | None = None, reply: Native | None = None) -> list[Settled]:
        """Return the result of each delivery in the lot. A lot is several deliveries in one file. A delivery
        gets the final state `etat`, or `oubliee` if it is about a forgotten household."""
        return [
            Settled(line.id, "oubliee") if line.id in self.forgotten else Settled(line.id, etat, error)
            for line in self.members
        ]

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        """Return the result of each delivery in a lot (several deliveries in one file), once the partner has
        proved that it has the lot. A delivery about a forgotten household gets the state `oubliee`.

        The lot's receipt has a nonce: random bytes that are hashed with the file, so that nobody can guess
        the file from the hash. The nonce is split into one part for each delivery. Each part is encrypted
        with the key of the delivery's household. If one of these households is forgotten, the nonce is lost.
        """
        lines = [line for line in self.members if line.id not in self.forgotten]
        at, size = datetime.now(UTC), len(lines)
        shares = (Seen(nonce, seen.digest) for nonce in seen.shares(size))
        proved = [line.proved(each, at, self.id, size) for line, each in zip(lines, shares, strict=True)]
        return [*(Settled(ident, "oubliee") for ident in self.forgotten), *proved]
