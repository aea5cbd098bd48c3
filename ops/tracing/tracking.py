"""What became of a message, event by event and delivery by delivery: for its sender, and for `trace`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.explications import NOT_YOURS, SANS_EFFET, explained
from contracts.partner import Partner
from ops.tracing import sql as tracking
from router.store import inbox
from router.store.database import Connection, Row

ATTACHED = "rattache"
"""Why an event has no effect any more: another one says it of the right subject."""


async def of_message(connection: Connection, message: UUID, partner: Partner) -> Mapping[str, Any] | None:
    """The fate of a partner's own message; None for anybody else's. Of one that the database lost with a restoration,
    what the bus gave back: events that were accepted, and no count of rows."""
    row = await inbox.fate(connection, message, partner.id)
    events = [e for e in await events_of(connection, message, partner) if e["source"] == partner.id]
    if row is None and not events:
        return None
    return {
        "id": str(message),
        "etat": row.etat if row else "accepte",
        "recu_le": row.received_at.isoformat() if row else events[0]["accepte_le"],
        "acceptes": row.accepted if row else None,
        "rejetes": row.rejected if row else None,
        "rejets": row.rejections if row else None,
        "avertissements": row.warnings if row else None,
        "effet": _effect(events) if row is None or row.etat != "en_cours" else "en_attente",
        "evenements": events,
    }


async def events_of(connection: Connection, message: UUID, sender: Partner) -> list[dict[str, Any]]:
    """Every event that a message gave rise to, with its deliveries; what had no effect is explained to its sender."""
    deliveries: dict[UUID, list[dict[str, Any]]] = {}
    events = await tracking.events(connection, message)
    for row in await tracking.deliveries(connection, [event.id for event in events]):
        deliveries.setdefault(row.event_id, []).append(
            {
                "id": str(row.id),
                "partenaire": row.partner,
                "etat": row.etat,
                "essais": row.attempts,
                "erreur": row.error,
                "depuis": row.created_at.isoformat(),
                "regle_le": row.settled_at.isoformat() if row.settled_at else None,
            }
        )
    return [
        {
            "ligne": row.message_row,
            "id": str(row.id),
            "type": row.type,
            "sujet": str(row.subject),
            "source": row.source,
            "accepte_le": row.time.isoformat(),
            "etat": _state(row),
            "raison": row.cause or (row.reason and told_to_sender(row.reason)),
            "explication": _explained(row, sender),
            "repris_du_bus": row.again,
            "livraisons": deliveries.get(row.id, []),
        }
        for row in events
    ]


def _effect(events: Sequence[Mapping[str, Any]]) -> str:
    """What a message has changed, as a whole: of what was refused, nothing."""
    etats = {event["etat"] for event in events if event["raison"] != ATTACHED}
    if etats & {"accepte", "quarantaine"}:
        return "en_attente"
    if not etats - {"applique"}:
        return "complet" if etats else "aucun"
    return "partiel" if "applique" in etats else "aucun"


def told_to_sender(reason: str) -> str:
    """Why an event changed nothing, as its sender reads it: who has no part in a subject does not learn that it
    exists."""
    return NOT_YOURS[0] if reason in NOT_YOURS else reason


def _explained(row: Row, sender: Partner) -> str | None:
    """Why an event has no effect, and what its sender does about it."""
    if row.kind == "anomalie":
        return explained(row.type, row.reason, row.judged_in, sender.famille)
    return SANS_EFFET.get(row.reason) if row.kind == "sans_effet" else None


def _state(row: Any) -> str:
    if row.quarantine is not None:
        return "quarantaine"
    if row.waiting:
        return "accepte"
    return str(row.kind) if row.kind else "applique"
