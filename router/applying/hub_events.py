"""Events that the hub itself says, because of another event."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Attributes, derived_id
from contracts.sealed import take_apart, to_bytes
from contracts.v1.observation import ObservationEnregistrement
from router.domain.parts import HUB
from router.store import log


def entry_of(cause: Attributes, contrat: Contrat) -> log.Entry:
    """An event of the hub that follows from another; it seals nothing, for it says nothing personal."""
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
    """That of a record of the observation comes from the record alone: who knows its cause could make it else."""
    if isinstance(contrat, ObservationEnregistrement):
        return derived_id(contrat.sujet, contrat.TYPE, str(contrat.sujet))
    return derived_id(cause.id, contrat.TYPE, str(contrat.sujet))
