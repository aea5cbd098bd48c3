"""Signatures of acts: the partner and the moment of each, as far as the log has them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from contracts.v1.convention import ConventionSignee, DerogationAccordee
from router.domain.rulebooks.acte import Acte
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

SIGNATURES = [ConventionSignee.TYPE, DerogationAccordee.TYPE]
_ACTS = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE nature IN ('convention', 'derogation') ORDER BY id
""")
_SIGNED = Sql("""
    SELECT DISTINCT ON (e.subject, e.source) e.subject, e.source, e.time, e.id AS event,
           (convert_from(e.payload, 'UTF8')::jsonb -> 'clair' ->> 'signee_le')::date AS day,
           i.nonce IS NOT NULL AS has_receipt
    FROM event e LEFT JOIN inbox i ON i.id = e.correlation
    WHERE e.subject = ANY(CAST(:acts AS uuid[])) AND e.type = ANY(CAST(:types AS text[]))
      AND NOT EXISTS (SELECT FROM outcome o WHERE o.event_id = e.id AND o.kind = 'anomalie')
    ORDER BY e.subject, e.source, e.seq
""")


class Signed(NamedTuple):
    """Signature of a partner, and the event by which it was given."""

    time: datetime
    event: UUID
    day: date | None
    """Day that the partner names, if it names one."""
    has_receipt: bool


async def acts(connection: Connection) -> list[Acte]:
    """Return every agreement and derogation."""
    found = (subject_of(row) for row in await _ACTS.all(connection))
    return [each for each in found if isinstance(each, Acte)]


async def signatures(connection: Connection, acts: Iterable[UUID]) -> Mapping[tuple[UUID, str], Signed]:
    """Return, by act and partner, the first signature of the partner under the act. A signature whose event is no
    longer in the log is left out."""
    rows = await _SIGNED.all(connection, acts=list(acts), types=SIGNATURES)
    return {(row.subject, row.source): Signed(row.time, row.event, row.day, row.has_receipt) for row in rows}
