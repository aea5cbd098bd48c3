"""Render a delivery or a lot that is ready to be sent to a partner, and make the results to store. A lot is several
deliveries in one file. A single delivery may be a part of a whole list of households ready for housing."""

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
    """Single delivery or lot that is ready to be sent."""

    id: UUID
    etat: str
    attributes: Attributes
    lines: Sequence[tuple[LaneClaim, UUID]] = ()
    """Lane claim and id of each delivery of a lot. Empty for a single delivery."""

    @property
    def types(self) -> frozenset[str]:
        """Return the message types in the delivery or lot."""
        return frozenset((self.attributes.type,))

    def render(self) -> Native:
        """Return the bytes for the partner. Raises Forgotten if the household was forgotten, OfANewerVersion
        for an unknown message type, and the adapter's errors."""
        raise NotImplementedError

    def keep(self, reply: Native | None) -> bytes | None:
        """Return the partner's response in the form to be stored: cut to 4 KiB (`REPLY_BYTES`) and encrypted.
        Return None if there is no response (`reply` is None), or if the response cannot be encrypted. For a
        lot, always return None."""
        return None

    def settled(self, etat: str, error: str | None = None, reply: Native | None = None) -> list[Settled]:
        """Return the results to store, one for each delivery. A result has the final state `etat`, the error,
        and the partner's response."""
        raise NotImplementedError

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        """Return the results to store, one for each delivery, when the caller has proof that the partner has the
        bytes. `seen` has the hash of the bytes and the receipt's nonce. `reply` is the partner's response, if
        there was one."""
        raise NotImplementedError

    @property
    def is_lot(self) -> bool:
        """Tell whether this is a lot. A lot must be recorded as in flight before it is sent, even to a partner
        that recognises repetitions. The reason: after a refusal, its deliveries may leave again in smaller lots,
        and the partner would not recognise these. A single delivery to such a partner needs no record."""
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class DueDelivery(Due):
    """One delivery, which is sent by itself or as a member of a lot."""

    content: Sealed | Exception = field(kw_only=True)
    """Encrypted content of the delivery, or the error of reading it from the database."""
    ciphers: Mapping[UUID, Any] = field(kw_only=True)
    names: Names = field(kw_only=True)
    part: PartOfAList | None = field(default=None, kw_only=True)
    """Set if the delivery is a part of a whole list, which has a file of its own."""

    @property
    def sealed(self) -> Sealed:
        """Return the encrypted content. If the delivery could not be read from the database, raise the error
        that occurred then."""
        if isinstance(self.content, Exception):
            raise self.content
        return self.content

    def opened(self) -> Event:
        """Return the event with the fields that the partner may see. Raises Forgotten if the household was
        forgotten, and InvalidContract if the event cannot be decrypted. If the delivery could not be read from
        the database, raises the error that occurred then."""
        return self.sealed.opened(self.ciphers, self.names, self.id)

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
        """Return the result to store for a delivery that provably reached the partner at the moment `at`. If it
        arrived in a lot, `lot` is the lot's id, and `size` the number of deliveries in it. `seen` has the hash
        of the bytes and the receipt's nonce. The result says that the delivery arrived. If the event could be
        read, and a data key can encrypt the nonce, the result also has the data for a signed receipt."""
        proof = Settled(self.id, "livree", arrived=(self.attributes, at))
        if isinstance(self.content, Exception):
            return proof
        nonce = self.content.seal_nonce(self.ciphers, self.id, seen.nonce)
        if nonce is None:
            return proof
        return proof._replace(digest=seen.digest.hex(), nonce=nonce, lot=lot, size=size)


@dataclass(frozen=True, slots=True)
class DueLot(Due):
    """Lot that is ready to be sent. The partner's response to a lot is not stored: it may name several
    households, and no household's data key may encrypt what concerns another household."""

    members: Sequence[DueDelivery] = field(kw_only=True)
    forgotten: set[UUID] = field(default_factory=set, kw_only=True)
    """Ids of the deliveries that `render` left out because their households are forgotten."""

    @property
    def types(self) -> frozenset[str]:
        return frozenset(line.attributes.type for line in self.members)

    def render(self) -> Native:
        """Return the bytes of the lot, without the deliveries about forgotten households. Add the ids of the
        deliveries that are left out to the lot's field `forgotten`. Raises Forgotten if no delivery is left."""
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
        """Return the result to store for each delivery: the state `etat`, or `oubliee` if the delivery's
        household is forgotten."""
        return [
            Settled(line.id, "oubliee") if line.id in self.forgotten else Settled(line.id, etat, error)
            for line in self.members
        ]

    def arrived(self, seen: Seen, reply: Native | None = None) -> list[Settled]:
        """Return the results to store for a lot that the partner has received, one for each delivery. The state
        is `livree`, or `oubliee` for a delivery that was left out because its household is forgotten. `seen`
        has the receipt's nonce, and the hash of what was sent. Each arrived delivery gets a part of the nonce,
        encrypted under the key of its household: once one household is forgotten, nobody can put the nonce
        together. `reply` is ignored: the response to a lot is not stored."""
        lines = [line for line in self.members if line.id not in self.forgotten]
        at, size = datetime.now(UTC), len(lines)
        shares = (Seen(nonce, seen.digest) for nonce in seen.shares(size))
        proved = [line.proved(each, at, self.id, size) for line, each in zip(lines, shares, strict=True)]
        return [*(Settled(ident, "oubliee") for ident in self.forgotten), *proved]
