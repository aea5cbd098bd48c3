"""Events that the hub itself says, because of another event."""

from datetime import UTC, datetime

from contracts.base import Contrat
from contracts.envelope import Attributes, derived_id
from contracts.sealed import take_apart, to_bytes
from router.domain.parts import HUB
from router.store import log


def entry_of(cause: Attributes, contrat: Contrat) -> log.Entry:
    """An event of the hub that follows from another; it seals nothing, for it says nothing personal."""
    clair = take_apart(contrat).clair
    attributes = Attributes(
        id=derived_id(cause.id, contrat.TYPE, str(contrat.sujet)),
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
