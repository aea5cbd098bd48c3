"""What became of a message, event by event and delivery by delivery: for its sender, and for `trace`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from router.intake.catalogue import meaning
from router.store import inbox, tracking
from router.store.database import Connection


async def of_message(connection: Connection, message: UUID, partner: str) -> Mapping[str, Any] | None:
    """The fate of a partner's own message; None for anybody else's. Of one that the database lost with a restoration,
    what the bus gave back: events that were accepted, and no count of rows."""
    row = await inbox.fate(connection, message, partner)
    events = [event for event in await events_of(connection, message) if event["source"] == partner]
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
        "evenements": events,
    }


async def events_of(connection: Connection, message: UUID) -> list[dict[str, Any]]:
    """Every event that a message gave rise to, with its deliveries."""
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
            "raison": row.cause or row.reason,
            "explication": _explained(row.reason) if row.cause is None else None,
            "repris_du_bus": row.again,
            "livraisons": deliveries.get(row.id, []),
        }
        for row in events
    ]


def _explained(reason: str | None) -> str | None:
    """What a reason means and what to do, for who does not know the word."""
    return meaning("raison", reason) if reason else None


def _state(row: Any) -> str:
    if row.quarantine is not None:
        return "quarantaine"
    if row.waiting:
        return "accepte"
    return str(row.kind) if row.kind else "applique"
