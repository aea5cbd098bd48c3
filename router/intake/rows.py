"""Hold the accepted rows of messages, and turn each row into an encrypted event for the log."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Attributes, row_id
from contracts.partner import Partner
from contracts.privacy import Classe
from contracts.sealed import Arbre, take_apart, to_bytes
from router.domain.location import open_commune
from router.domain.proof import Prover
from router.domain.sandbox import message_territoire
from router.privacy.sealing import seal_parts
from router.store import log


class Origin(NamedTuple):
    """Origin of the events of a message: the message's id, its sender, the time at which the hub received it, and
    the `traceparent`, which links the events to the trace of the request."""

    message: UUID
    partner: Partner
    received_at: datetime
    traceparent: str | None = None


class DraftRow(NamedTuple):
    """Accepted row of a message, which becomes one event."""

    origin: Origin
    number: int
    contrat: Contrat
    cle: str | None = None
    """Event id that the sender gave to the row. None if this id serves as the message's idempotency key."""
    clair: Mapping[str, Any] = MappingProxyType({})
    """Fields that are stored unencrypted. Empty until the method `ready` has made the row."""
    secrets: Mapping[Classe, Arbre] = MappingProxyType({})
    """Fields to encrypt, by privacy class. Empty until the method `ready` has made the row."""

    @property
    def message(self) -> UUID:
        """Return the hub's id of the message."""
        return self.origin.message

    @property
    def partner(self) -> str:
        """Return the id of the sender."""
        return self.origin.partner.id

    @property
    def attributes(self) -> Attributes:
        """Return the envelope of the event: its id, type, sender, subject, time…"""
        message, partner, received_at, traceparent = self.origin
        return Attributes(
            id=row_id(message, self.number),
            type=self.contrat.TYPE,
            source=partner.id,
            subject=self.contrat.sujet,
            time=received_at,
            territoire=message_territoire(partner, open_commune(self.contrat)),
            correlationid=message,
            traceparent=traceparent,
        )

    @property
    def holder(self) -> UUID | None:
        """Return the holder whose data key encrypts the event, or None if no field has to be encrypted."""
        return self.contrat.titulaire if self.secrets else None

    def ready(self, contrat: Contrat) -> "DraftRow":
        """Return this row with `contrat` in place of its contract. `contrat` is the same contract, but with the
        hub's ids in place of the sender's ids. In the returned row, the fields to encrypt are kept apart from all
        other fields."""
        return DraftRow(self.origin, self.number, contrat, self.cle, *take_apart(contrat))

    def is_keyless_under(self, ciphers: Mapping[UUID, Any]) -> bool:
        """Tell whether the event has fields to encrypt for which `ciphers` has no cipher."""
        return self.holder is not None and self.holder not in ciphers

    def entry(self, ciphers: Mapping[UUID, Any], prover: Prover, *, bulk: bool = False) -> log.Entry:
        """Return the event as a row of the log, encrypted and with its proof."""
        attributes, titulaire = self.attributes, self.contrat.titulaire
        parts = seal_parts(ciphers.get(titulaire), attributes.id, titulaire, self.secrets)
        payload = to_bytes(self.clair, parts)
        return log.Entry(attributes, payload, self.number, bulk, prover.mac(attributes, payload))


Cited = tuple[Origin, Collection[UUID]]
"""Pair of a message's origin and the ids of the households, referrals and candidacies that its rows name."""
