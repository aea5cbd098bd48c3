"""Deliveries that are ready to be sent. Each is one delivery alone, one part of a whole list of households,
or a lot of several deliveries in one file."""

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
    """One delivery or one lot (several deliveries in one file), ready to be sent."""

    id: UUID
    etat: str
    attributes: Attributes
    lines: Sequence[tuple[LaneClaim, UUID]] = ()
    """Lane and delivery id of each delivery in a lot (several deliveries in one file). Empty for a single
    delivery."""

    @property
    def types(self) -> frozenset[str]:
        """Return the message types in the delivery, or in the lot (several deliveries in one file)."""
        return frozenset((self.attributes.type,))

    def render(self) -> Native:
        """Return the bytes for the partner.

        Raises Forgotten if the household was forgotten, OfANewerVersion if the message type is unknown, or an
        error of the adapter.
        """
        raise NotImplementedError

    def keep(self, reply: Native | None) -> bytes | None:
        """Return the partner's response, cut and encrypted for storage. Return None if there is no response
        or no key to encrypt it."""
        return None

    def settled(self, etat: str, error: str | None = None, reply: Native | None = None) -> list[Settled]:
        """Return the results of the deliveries, with `etat` as the final state of all of them."""
        raise NotImplementedError

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        """Return the results of the deliveries when there is proof that the partner has them. `seen` is the
        fingerprint of the bytes that it received, and `reply` its response."""
        raise NotImplementedError

    @property
    def is_lot(self) -> bool:
        """Tell whether this is a lot: several deliveries that are sent together in one file.

        A lot is always recorded as in flight before it is sent, even for a partner that recognises
        repetitions. If the lot is refused, its deliveries are sent again under new idempotency keys, so the
        partner would not recognise them.
        """
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class DueAlone(Due):
    """Single delivery, sent alone or in a lot (several deliveries in one file)."""

    content: Sealed | Exception = field(kw_only=True)
    """Encrypted content of the delivery, or the error that was raised when it was read from the database."""
    ciphers: Mapping[UUID, Any] = field(kw_only=True)
    names: Names = field(kw_only=True)
    part: PartOfAList | None = field(default=None, kw_only=True)
    """Part of a whole list of households, if that is what is delivered. It is always sent in a file of its
    own."""

    @property
    def sealed(self) -> Sealed:
        """Return the encrypted content of the delivery. If the content could not be read from the database,
        raise that error again."""
        if isinstance(self.content, Exception):
            raise self.content
        return self.content

    def opened(self) -> Event:
        """Return the event with the fields that the partner may see.

        Raises Forgotten if the household was forgotten, InvalidContract if the event cannot be decrypted, or
        the error of reading the delivery.
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
        """Return the result of a delivery that provably reached the partner at `at`. `lot` and `size` are
        given if it was sent in a lot (several deliveries in one file).

        For a signed receipt, the result has the hash and nonce of the bytes (`seen`), unless the content was
        unreadable or no key can encrypt the nonce.
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
    """Lot: several deliveries that are sent as one file. The partner's response is not stored, because it may
    name several households."""

    members: Sequence[DueAlone] = field(kw_only=True)
    forgotten: set[UUID] = field(default_factory=set, kw_only=True)
    """Ids of the deliveries of forgotten households, which `render` leaves out and notes here."""

    @property
    def types(self) -> frozenset[str]:
        return frozenset(line.attributes.type for line in self.members)

    def render(self) -> Native:
        """Return the bytes of the deliveries, without those of forgotten households. Raises Forgotten if none
        is left."""
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
        """Return the result of each delivery in the lot (several deliveries in one file). Its final state is
        `etat`, or `oubliee` if it is about a forgotten household."""
        return [
            Settled(line.id, "oubliee") if line.id in self.forgotten else Settled(line.id, etat, error)
            for line in self.members
        ]

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        """Return the result of each delivery in the lot (several deliveries in one file), when the partner
        provably has the lot. The result is `oubliee` for a delivery about a forgotten household.

        The nonce of the lot's receipt is split into shares, one for each delivery. Each share is encrypted
        with the key of the delivery's household. When one of these households is forgotten, the nonce is
        lost.
        """
        lines = [line for line in self.members if line.id not in self.forgotten]
        at, size = datetime.now(UTC), len(lines)
        shares = (Seen(nonce, seen.digest) for nonce in seen.shares(size))
        proved = [line.proved(each, at, self.id, size) for line, each in zip(lines, shares, strict=True)]
        return [*(Settled(ident, "oubliee") for ident in self.forgotten), *proved]
