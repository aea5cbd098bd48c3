"""Read what a partner was sent about a subject, and the demands that it has brought."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_ABOUT = Sql("""
    SELECT d.id, d.partner, d.subject, d.event_id, d.etat, d.settled_at, d.created_at, e.type, e.source, e.territoire,
           e.time, e.correlation, e.causation, e.trace, e.payload, COALESCE(s.etat, d.subject_etat) AS subject_etat,
           CAST(NULL AS uuid) AS menage, d.numero, d.fiche
    FROM event e JOIN delivery d ON d.event_id = e.id LEFT JOIN subject s ON s.id = e.subject
    WHERE e.subject = :subject AND d.partner = :partner AND d.etat IN ('deposee', 'livree')
    ORDER BY d.seq DESC LIMIT :most
""")
_RECEIVED = Sql("""
    SELECT d.id, d.subject, d.etat, d.created_at, e.type, s.nature, s.etat AS subject_etat
    FROM (
        SELECT * FROM delivery
        WHERE partner = :partner AND etat NOT IN ('en_attente', 'en_vol') AND etat IN ('deposee', 'livree')
        ORDER BY created_at DESC LIMIT :most
    ) AS d JOIN event e ON e.id = d.event_id LEFT JOIN subject s ON s.id = d.subject
    ORDER BY d.created_at DESC
""")
_PLACES = Sql("""
    SELECT id FROM subject
    WHERE nature = 'place' AND donnees ->> 'gestionnaire' = :partner
      AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE', 'OCCUPEE', 'DECLAREE')
    ORDER BY changed_at DESC LIMIT :most
""")
_DESCRIBED = Sql("""
    SELECT DISTINCT ON (e.subject) e.subject, e.payload FROM event e
    WHERE e.subject = ANY(CAST(:ids AS uuid[])) AND e.type = ANY(CAST(:types AS text[]))
    ORDER BY e.subject, e.seq DESC
""")
_TOLD = Sql("""
    SELECT DISTINCT e.subject FROM event e JOIN delivery d ON d.event_id = e.id
    WHERE e.subject = ANY(CAST(:ids AS uuid[])) AND d.partner = :partner AND d.etat IN ('deposee', 'livree')
""")
_BROUGHT = Sql("""
    SELECT id, etat, donnees, changed_at FROM subject
    WHERE nature = 'demande' AND donnees ->> 'emetteur' = :partner
      AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
    ORDER BY changed_at DESC, id LIMIT :most
""")


async def about(connection: Connection, partner: str, subject: UUID, most: int) -> Sequence[Row]:
    """Return what a partner has received about a subject, with its events, newest first. `subject_etat` is the present
    state: it decides how much its recipient may read."""
    return await _ABOUT.all(connection, partner=partner, subject=subject, most=most)


async def received(connection: Connection, partner: str, most: int) -> Sequence[Row]:
    """Return (id, subject, etat, created_at, type, nature, subject_etat) of what a partner has received, newest
    first."""
    return await _RECEIVED.all(connection, partner=partner, most=most)


async def places(connection: Connection, partner: str, most: int) -> Sequence[UUID]:
    """Return the places that a partner manages and has not closed, those that changed last first."""
    return await _PLACES.column(connection, partner=partner, most=most)


async def brought(
    connection: Connection, partner: str, ids: Sequence[UUID] | None, most: int
) -> Sequence[Row]:
    """Return (id, etat, donnees, changed_at) of the demands that a partner has brought, those that changed last first;
    with `ids`, of these alone."""
    return await _BROUGHT.all(connection, partner=partner, ids=None if ids is None else list(ids), most=most)


async def described(connection: Connection, ids: Sequence[UUID], types: Sequence[str]) -> Sequence[Row]:
    """Return (subject, payload) of the newest event of these types about each subject."""
    return await _DESCRIBED.all(connection, ids=list(ids), types=list(types))


async def told(connection: Connection, partner: str, ids: Sequence[UUID]) -> Sequence[UUID]:
    """Return those of these subjects about which a partner has received something."""
    return await _TOLD.column(connection, partner=partner, ids=list(ids))
