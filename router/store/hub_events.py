"""Events that the hub itself sends, because of another event."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Attributes, derived_id
from contracts.sealed import take_apart, to_bytes
from contracts.v1.observation import ObservationEnregistrement
from router.domain.parts import HUB
from router.store import log


def entry_of(cause: Attributes, contrat: Contrat) -> log.Entry:
    """Return an event that the hub derives from another. Nothing in it is sealed, for it says nothing personal."""
    clair = take_apart(contrat).clair
    attributes = Attributes(
        id=_id_of(cause, contrat),
        type=contrat.TYPE,
        source=HUB,
        subject=contrat.sujet,
        time=datetime.now(UTC),
        territoire=cause.territoire,
        correlationid=cause.correlationid,
        causationid=cause.id,
        traceparent=cause.traceparent,
    )
    return log.Entry(attributes, to_bytes(clair, ()))


def _id_of(cause: Attributes, contrat: Contrat) -> UUID:
    """Return an id made of the cause. That of an observation record is made of the record alone: with an id made of its
    cause, somebody who knows the cause could find the record."""
    if isinstance(contrat, ObservationEnregistrement):
        return derived_id(contrat.sujet, contrat.TYPE, str(contrat.sujet))
    return derived_id(cause.id, contrat.TYPE, str(contrat.sujet))
