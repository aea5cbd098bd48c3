"""From a delivery to the bytes for its partner: open what it may see, reduce, encode.

The same event gives the same bytes each time, so nothing rendered is ever stored.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from adapters.registry import ADAPTERS
from contracts.envelope import Attributes, Envelope
from contracts.errors import InvalidContract, Unroutable
from contracts.ids import ids_in
from contracts.partner import Partner
from contracts.ports import Native, View
from contracts.sealed import Arbre, Part, from_bytes, put_together
from contracts.v1 import CONTRATS
from router.domain.rulebooks.orientation import ADMISES
from router.privacy.crosswalk import HUB_HOLDER, Crosswalk
from router.privacy.keyring import Keyring
from router.privacy.sealing import seal, unseal, unseal_part
from router.privacy.view import Droits, rights
from router.store import log
from router.store.database import Connection

REPLY_BYTES = 4 * 1024
"""Of an answer so much is kept."""


class Forgotten(Exception):
    """The household was forgotten: nothing of this event may be read any more."""


class Sealed(NamedTuple):
    """A delivery as the store gives it: envelope and sealed form."""

    partner: Partner
    attributes: Attributes
    clair: Arbre
    parts: tuple[Part, ...]
    droits: Droits
    cited: tuple[tuple[str, UUID], ...]
    """(recipient, id) pairs of which the recipient may have ids of its own."""
    holder: UUID
    """Whose key seals what the recipient answers: its household's, and forgotten with it."""

    @classmethod
    def of(cls, row: Any, partner: Partner) -> "Sealed":
        """Read a row of `deliveries.waiting`. Raises InvalidContract, and Unroutable for what the recipient's family
        may not read at all."""
        clair, parts = from_bytes(row.payload)
        droits = rights(partner.famille, admitted=row.subject_etat in ADMISES)
        if row.type not in CONTRATS:
            raise InvalidContract(f"type de message inconnu : {row.type}")
        if not droits.may_receive(CONTRATS[row.type]):
            raise Unroutable(
                f"la famille « {partner.famille} » ne peut recevoir ce message (matrice des droits)"
            )
        readable = tuple(part for part in parts if droits.may_open(part.classe))
        cited = tuple((partner.id, UUID(ident)) for ident in set(ids_in(CONTRATS[row.type], clair)))
        holder = parts[0].titulaire if parts else HUB_HOLDER
        return cls(partner, event_attributes(row), clair, readable, droits, cited, holder)

    def render(self, ciphers: Mapping[UUID, Any], ids: Mapping[tuple[str, UUID], str]) -> Native:
        """The partner's bytes. Raises Forgotten, or what the adapter raises."""
        contrat = put_together(CONTRATS[self.attributes.type], self.clair, self._open(ciphers))
        mine = {pair[1]: ids[pair] for pair in self.cited if pair in ids}
        adapter = ADAPTERS[self.partner.dialecte_sortant or ""]
        return adapter.encode([Envelope(self.attributes, contrat)], View(self.partner, mine))

    def keep_reply(self, ciphers: Mapping[UUID, Any], delivery: UUID, reply: Native | None) -> bytes | None:
        """What the recipient answered, cut and sealed; None where it said nothing, or nothing can be sealed."""
        if reply is None or self.holder not in ciphers:
            return None
        with suppress(InvalidContract):
            return seal_reply(ciphers[self.holder], delivery, reply)
        return None

    def _open(self, ciphers: Mapping[UUID, Any]) -> list[Arbre]:
        trees = []
        for part in self.parts:
            if part.titulaire not in ciphers:
                raise Forgotten
            tree = unseal_part(ciphers[part.titulaire], self.attributes.id, part)
            trees.append(self.droits.reduce(part.classe, tree))
        return trees


def seal_reply(cipher: Any, delivery: UUID, reply: Native) -> bytes:
    """An answer as it is kept. Raises InvalidContract where the key is damaged."""
    head = f"{reply.media_type[:200]}\n".encode()
    return seal(cipher, head + reply.body[:REPLY_BYTES], delivery.bytes)


def unseal_reply(cipher: Any, delivery: UUID, sealed: bytes) -> Native:
    """An answer that was kept. Raises InvalidContract."""
    media_type, _, body = unseal(cipher, sealed, delivery.bytes).partition(b"\n")
    return Native(body, media_type.decode())


def event_attributes(row: Any) -> Attributes:
    """Attributes of a delivery's event: there `id` is the delivery's."""
    return log.attributes_of(row.event_id, row)


class Renderer:
    """Fetches, a batch at a time, what rendering needs."""

    def __init__(self, keyring: Keyring, crosswalk: Crosswalk) -> None:
        self._keyring = keyring
        self._crosswalk = crosswalk

    async def prepare(
        self, connection: Connection, sealed: Sequence[Sealed]
    ) -> tuple[Mapping[UUID, Any], Mapping[tuple[str, UUID], str]]:
        """(ciphers by holder, recipients' own ids) for these deliveries."""
        holders = {part.titulaire for item in sealed for part in item.parts} | {
            item.holder for item in sealed
        }
        ciphers = await self._keyring.get(connection, holders) if holders else {}
        wanted = sorted({pair for item in sealed for pair in item.cited})
        return ciphers, await self._crosswalk.back(connection, wanted) if wanted else {}
