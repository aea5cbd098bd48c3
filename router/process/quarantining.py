"""Prepare the quarantine rows of events that cannot be applied, and log them. When an operator closes an event in
quarantine, record that the event has no effect."""

from collections.abc import Sequence

import structlog

from contracts import uuids
from contracts.envelope import Attributes
from router.store import log, outcomes, quarantine
from router.store.database import Connection
from router.store.outcomes import Outcome
from router.telemetry.metrics import QUARANTINED
from router.triage import cause_of

logger = structlog.get_logger()
CLOSED = ("sans_effet", "classe")
"""Outcome of an event that an operator closes in quarantine."""


def failure(attributes: Attributes, exc: Exception) -> quarantine.FailedEvent:
    """Return the quarantine row of an event that cannot go on because of the error `exc`. `attributes` is the
    event's envelope."""
    cause, fingerprint, detail = cause_of(exc)
    return quarantine.FailedEvent(
        event=attributes.id,
        subject=attributes.subject,
        partner=attributes.source,
        cause=cause,
        fingerprint=f"{attributes.type} {fingerprint}",
        detail=detail,
        id=uuids.named(attributes.id, "quarantaine"),
    )


def tell_quarantined(failed: Sequence[quarantine.FailedEvent]) -> None:
    """Log the events that went to quarantine: one line for each pair of a cause and a partner. Count them in the
    metrics."""
    groups: dict[tuple[str, str | None], list[quarantine.FailedEvent]] = {}
    for row in failed:
        groups.setdefault((row.cause, row.partner), []).append(row)
    for (cause, partner), rows in groups.items():
        QUARANTINED.labels(cause).inc(len(rows))
        first = str(rows[0].id)
        logger.error("quarantine.kept", cause=cause, partner=partner, number=len(rows), first=first)


async def pass_over(connection: Connection, attributes: Attributes) -> None:
    """Record that an event has no effect because an operator has closed it in quarantine. Events that were parked
    behind it can then be published."""
    await outcomes.note(connection, [Outcome(attributes.id, *CLOSED)])
    await quarantine.let_pass(connection, [attributes.id])
    await log.unpark(connection, attributes.subject)
