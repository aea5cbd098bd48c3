"""Make events from the rows of a message, with the hub's ids, ready to be encrypted."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Attributes, row_id
from contracts.privacy import Classe
from contracts.sealed import Arbre, take_apart, to_bytes
from router.domain.location import open_commune
from router.domain.proof import Prover
from router.domain.sandbox import message_territoire
from router.intake.draft import Origin
from router.privacy.sealing import seal_parts
from router.store import log


def attributes_of(origin: Origin, row: int, contrat: Contrat) -> Attributes:
    """Return the attributes of the event's envelope for one row of a message."""
    return Attributes(
        id=row_id(origin.message, row),
        type=contrat.TYPE,
        source=origin.partner.id,
        subject=contrat.sujet,
        time=origin.received_at,
        territoire=message_territoire(origin.partner, open_commune(contrat)),
        correlationid=origin.message,
        traceparent=origin.traceparent,
    )


class Prepared(NamedTuple):
    """Event with the hub's ids, whose fields are separated by privacy class, ready to be encrypted."""

    attributes: Attributes
    contrat: Contrat
    row: int
    clair: Arbre
    secrets: Mapping[Classe, Arbre]

    @classmethod
    def of(cls, origin: Origin, row: int, contrat: Contrat) -> "Prepared":
        """Make the event of one row of a message. The contract must have the hub's ids in place of the
        sender's."""
        return cls(attributes_of(origin, row, contrat), contrat, row, *take_apart(contrat))

    @property
    def message(self) -> UUID:
        """Return the id of the message that contains the event."""
        return self.attributes.correlationid

    @property
    def holder(self) -> UUID | None:
        """Return the household or subject whose key encrypts the event; None if nothing has to be
        encrypted."""
        return self.contrat.titulaire if self.secrets else None

    def is_keyless_under(self, ciphers: Mapping[UUID, Any]) -> bool:
        """Tell whether the event has fields to encrypt, but `ciphers` has no cipher for its household or
        subject."""
        return self.holder is not None and self.holder not in ciphers

    def entry(self, ciphers: Mapping[UUID, Any], prover: Prover, *, bulk: bool = False) -> log.Entry:
        """Return the event as an encrypted row of the log, with its proof."""
        titulaire = self.contrat.titulaire
        parts = seal_parts(ciphers.get(titulaire), self.attributes.id, titulaire, self.secrets)
        payload = to_bytes(self.clair, parts)
        return log.Entry(self.attributes, payload, self.row, bulk, prover.mac(self.attributes, payload))
