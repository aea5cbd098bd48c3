"""Make the reports for senders: on a new message, on a repetition, and on an idempotency key that was already used
for different content."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from contracts.frozen import replace
from contracts.ports import IntakeReport, Rejet
from router.intake.draft import Draft, listed, rejections_of
from router.store import idempotency
from router.store.database import Connection

logger = structlog.get_logger()


def tell_refused(drafts: Sequence[Draft]) -> None:
    """Log refused messages: one line for each pair of a partner and a reason."""
    groups: dict[tuple[str, str], list[Draft]] = {}
    for draft in drafts:
        code = draft.rejets[0].code if draft.rejets else ""
        groups.setdefault((draft.partner.id, code), []).append(draft)
    for (partner, code), refused in groups.items():
        first = str(refused[0].message)
        logger.warning("message.refused", partner=partner, code=code, number=len(refused), first=first)


def report_of(draft: Draft, etat: str | None = None) -> IntakeReport:
    """Return the report on a message that has just been stored, or tried in a dry run. The report has the state
    `etat` if it is given, else the draft's state."""
    rejets, warnings = tuple(listed(draft.rejets)), tuple(draft.avertissements)
    return IntakeReport(
        draft.message, etat or draft.etat, draft.acceptes, rejets, warnings, recu_le=draft.origin.received_at
    )


async def accepted_before(connection: Connection, drafts: Sequence[Draft]) -> dict[UUID, IntakeReport]:
    """Find the refused drafts that repeat an accepted message, with the same idempotency key and the same content.
    Return, by the draft's message id, the report on the accepted message."""
    refused = [draft for draft in drafts if draft.etat == "refuse"]
    held = (
        await idempotency.claimants_of(connection, sorted({draft.key for draft in refused}))
        if refused
        else {}
    )
    reports = {draft.message: repetition_of(draft, held[draft.key]) for draft in refused if draft.key in held}
    return {message: report for message, report in reports.items() if report.repetition}


def repetition_of(draft: Draft, claimant: idempotency.Claimant) -> IntakeReport:
    """Return the report on a draft whose idempotency key an earlier message has claimed. `claimant` is the earlier
    message. If both have the same content, return the report on the earlier message. If they differ, return a
    report with the state `conflit`."""
    if claimant.body_hmac not in (draft.claim.body_hmac, draft.claim.content_hmac):
        return IntakeReport(claimant.message_id, "conflit", 0)
    called = {rejet.ligne: rejet.reference for rejet in (*draft.rejets, *draft.avertissements)}

    def named(rejections: Sequence[Mapping[str, Any]]) -> tuple[Rejet, ...]:
        rows = draft.named(rejections_of(rejections))
        return tuple(replace(each, reference=called.get(each.ligne) or each.reference) for each in rows)

    return IntakeReport(
        claimant.message_id,
        claimant.etat,
        claimant.accepted,
        named(claimant.rejections),
        named(claimant.warnings),
        repetition=True,
        recu_le=claimant.received_at,
    )
