"""What became of a message, with its events and their deliveries, for its sender (`GET
/v1/messages/{id}`)."""

from collections.abc import Mapping, Set
from typing import Any
from uuid import UUID

from contracts.explications import NOT_YOURS, explained, idle
from contracts.partner import Partner
from ops.desk.about import hides_the_siao
from ops.tracing import sql as tracing
from ops.tracing.history import Effet, Step
from router.store import subjects
from router.store.database import Connection, Row


async def of_message(
    connection: Connection, message: UUID, partner: Partner, row: Row | None, effet: str | None = None
) -> Mapping[str, Any] | None:
    """Return, as JSON content, what became of a message; None if `partner` did not send it. The events are
    counted by effect, and the first ones are listed. `effet` is a value of `Effet`, such as `applique`: only
    events with this effect are listed. If it is None, all are. `row` is the message's inbox row. It is None
    if a restore of the database has lost the row; then only events that came back from Kafka are known."""
    effects = await tracing.effects(connection, message, partner.id)
    if row is None and not effects:
        return None
    return {
        "id": str(message),
        "etat": row.etat if row else "accepte",
        "recu_le": (row.received_at if row else min(each.since for each in effects)).isoformat(),
        "acceptes": row.accepted if row else None,
        "rejetes": row.rejected if row else None,
        "rejets": row.rejections if row else None,
        "avertissements": row.warnings if row else None,
        "effet": _effect(row, {each.effet for each in effects if each.judged}),
        "evenements": await _events(connection, message, partner, effet),
        "evenements_par_etat": {each.effet: each.number for each in effects},
    }


async def _events(
    connection: Connection, message: UUID, sender: Partner, effet: str | None
) -> list[dict[str, Any]]:
    steps = await tracing.of_sender(connection, message, sender.id, effet)
    rows = await tracing.deliveries(connection, [step.id for step in steps])
    if len(rows) == tracing.DELIVERIES:  # the last event read, and those after it, may have more
        whole = [step.id for step in steps].index(rows[-1].event_id)
        steps = steps[: max(whole, 1)]
    known = await subjects.read(connection, {step.subject for step in steps})
    hidden = {step.id for step in steps if hides_the_siao(known.get(step.subject), sender)}
    deliveries: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        partner = None if row.event_id in hidden else row.partner
        deliveries.setdefault(row.event_id, []).append(_delivery(row, partner))
    return [{**_event(step, sender), "livraisons": deliveries.get(step.id, [])} for step in steps]


def _event(step: Step, sender: Partner) -> dict[str, Any]:
    return {
        "ligne": step.line,
        "id": str(step.id),
        "type": step.type,
        "sujet": str(step.subject),
        "source": step.source,
        "accepte_le": step.at.isoformat(),
        "etat": step.effet,
        "raison": step.cause or (step.reason and told_to_sender(step.reason)),
        "explication": _explained(step, sender),
        "repris_du_bus": step.again,
    }


def _delivery(row: Row, partner: str | None) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "partenaire": partner,
        "etat": row.etat,
        "essais": row.attempts,
        "erreur": None if partner is None else row.error,
        "depuis": row.created_at.isoformat(),
        "regle_le": row.settled_at.isoformat() if row.settled_at else None,
    }


def _effect(row: Row | None, etats: Set[str]) -> str:
    if row is not None and row.etat == "en_cours":
        return "en_attente"
    if row is not None and 0 < row.accepted == row.repeated:
        return "deja_envoye"
    if etats & {Effet.EN_ATTENTE, Effet.QUARANTAINE}:
        return "en_attente"
    if not etats - {Effet.APPLIQUE}:
        return "complet" if etats else "aucun"
    return "partiel" if Effet.APPLIQUE in etats else "aucun"


def told_to_sender(reason: str) -> str:
    """Return the code that tells the sender of an event why the event has no effect. Return `reason`, unless
    the subject is another partner's: then return the code for an unknown subject, so that the sender does not
    learn that the subject exists."""
    return NOT_YOURS[0] if reason in NOT_YOURS else reason


def _explained(step: Step, sender: Partner) -> str | None:
    if step.effet is Effet.ANOMALIE:
        return explained(step.type, step.reason or "", step.etat, sender.famille)
    return idle(step.type, step.reason or "") if step.effet is Effet.SANS_EFFET else None
