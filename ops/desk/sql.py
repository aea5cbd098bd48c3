"""Queries of the desk: messages received, demands sent, places managed or free."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.sealed import from_bytes
from ops.lists.sql import PLACES
from router.domain.subjects import Place, Subject
from router.store.deliveries import IN_NO_LIST
from router.store.sql import Connection, Row, Sql
from router.store.subjects import subject_of

_TOLD = """
    SELECT d.id, d.partner, d.subject, d.event_id, d.etat, d.settled_at, d.created_at, e.type, e.source, e.territoire,
           e.time, e.correlation, e.causation, e.trace, e.payload, COALESCE(s.etat, d.subject_etat) AS subject_etat,
           CAST(NULL AS uuid) AS menage, d.numero, d.fiche, d.label
    FROM event e JOIN delivery d ON d.event_id = e.id LEFT JOIN subject s ON s.id = e.subject
    WHERE e.subject = {subject} AND d.partner = :partner AND d.etat IN ('deposee', 'livree')
"""
_ABOUT = Sql(f"{_TOLD.format(subject=':subject')} ORDER BY d.seq DESC LIMIT :most")
_DESCRIBING = Sql(f"""
    SELECT told.* FROM unnest(CAST(:subjects AS uuid[])) AS wanted(id)
    CROSS JOIN LATERAL (
        {_TOLD.format(subject="wanted.id")} AND e.type = ANY(CAST(:types AS text[])) ORDER BY d.seq DESC LIMIT 1
    ) AS told
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
      AND (CAST(:etat AS text) IS NULL OR etat = :etat)
      AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
    ORDER BY changed_at DESC LIMIT :most
""")
_UNCONFIRMED = Sql("""
    SELECT d.id FROM event e JOIN delivery d ON d.event_id = e.id
    WHERE e.subject = :subject AND d.partner = :partner AND d.etat = 'deposee' ORDER BY d.seq
""")
_KINDS = Sql(f"""
    SELECT DISTINCT ON (s.donnees ->> 'gestionnaire', s.donnees ->> 'commune', s.donnees ->> 'dispositif')
           s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM subject s
    WHERE s.nature = 'place' AND s.etat = ANY(CAST(:etats AS text[])) AND s.etat IN {PLACES}
      AND s.donnees ->> 'gestionnaire' = ANY(CAST(:managers AS text[]))
    ORDER BY s.donnees ->> 'gestionnaire', s.donnees ->> 'commune', s.donnees ->> 'dispositif'
""")
_FREE = Sql(f"""
    SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM unnest(CAST(:managers AS text[]), CAST(:communes AS text[]), CAST(:dispositifs AS text[]))
         AS kind(manager, commune, dispositif)
    CROSS JOIN LATERAL (
        SELECT * FROM subject s
        WHERE s.nature = 'place' AND s.etat = ANY(CAST(:etats AS text[])) AND s.etat IN {PLACES}
          AND s.donnees ->> 'gestionnaire' = kind.manager
          AND s.donnees ->> 'commune' IS NOT DISTINCT FROM kind.commune
          AND s.donnees ->> 'dispositif' IS NOT DISTINCT FROM kind.dispositif
          AND (CAST(:notified AS text) IS NULL OR EXISTS (
              SELECT FROM event e JOIN delivery d ON d.event_id = e.id
              WHERE e.subject = s.id AND d.partner = :notified AND d.etat IN ('deposee', 'livree')))
        ORDER BY s.changed_at LIMIT :most
    ) AS s
    ORDER BY s.changed_at, s.id LIMIT :most
""")
_BROUGHT = Sql("""
    SELECT id, etat, donnees, changed_at FROM subject
    WHERE nature = 'demande' AND donnees ->> 'emetteur' = :partner
      AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
    ORDER BY changed_at DESC, id LIMIT :most
""")
_SAID = Sql(f"""
    SELECT said.* FROM unnest(CAST(:subjects AS uuid[])) AS wanted(id)
    CROSS JOIN LATERAL (
        SELECT e.id, e.source AS partner, e.subject, e.id AS event_id, e.type, e.source, e.territoire, e.time,
               e.correlation, e.causation, e.trace, e.payload, s.etat AS subject_etat, CAST(NULL AS uuid) AS menage,
               {IN_NO_LIST}
        FROM event e LEFT JOIN subject s ON s.id = e.subject
        WHERE e.subject = wanted.id AND e.source = :partner AND e.type = ANY(CAST(:types AS text[]))
        ORDER BY e.seq DESC LIMIT 1
    ) AS said
""")
_CLEAR = Sql("SELECT id, payload FROM event WHERE id = ANY(CAST(:ids AS uuid[]))")


async def clear(connection: Connection, events: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Return the unencrypted part of each event's data, by event id."""
    rows = await _CLEAR.all(connection, ids=list(events))
    return {row.id: from_bytes(row.payload)[0] for row in rows}


async def about(connection: Connection, partner: str, subject: UUID, most: int) -> Sequence[Row]:
    """Return the deliveries about a subject to a partner, with their events, newest first. `subject_etat` is
    the subject's present state, for reading rights."""
    return await _ABOUT.all(connection, partner=partner, subject=subject, most=most)


async def describing(
    connection: Connection, partner: str, subjects: Sequence[UUID], types: Sequence[str]
) -> Sequence[Row]:
    """Return, for each subject, the newest delivery of one of these message types to a partner, with its
    event and the subject's present state."""
    return await _DESCRIBING.all(connection, partner=partner, subjects=list(subjects), types=list(types))


async def said(
    connection: Connection, partner: str, subjects: Sequence[UUID], types: Sequence[str]
) -> Sequence[Row]:
    """Return, for each subject, the newest message of these types that a partner sent, with the columns of
    `describing`."""
    return await _SAID.all(connection, partner=partner, subjects=list(subjects), types=list(types))


async def received(connection: Connection, partner: str, most: int) -> Sequence[Row]:
    """Return (id, subject, etat, created_at, type, nature, subject_etat) of the messages that a partner received,
    newest first."""
    return await _RECEIVED.all(connection, partner=partner, most=most)


async def places(
    connection: Connection, partner: str, etat: str | None, ids: Sequence[UUID] | None, most: int
) -> Sequence[UUID]:
    """Return the ids of the open places that a partner manages, last changed first. `etat` selects a state,
    `ids` places."""
    known = None if ids is None else list(ids)
    return await _PLACES.column(connection, partner=partner, etat=etat, ids=known, most=most)


async def brought(
    connection: Connection, partner: str, ids: Sequence[UUID] | None, most: int
) -> Sequence[Row]:
    """Return (id, etat, donnees, changed_at) of the demands that a partner sent, last changed first. `ids`
    selects demands."""
    return await _BROUGHT.all(connection, partner=partner, ids=None if ids is None else list(ids), most=most)


async def unconfirmed(connection: Connection, partner: str, subject: UUID) -> Sequence[UUID]:
    """Return the ids of the unconfirmed deliveries about a subject in a partner's mailbox, oldest first."""
    return await _UNCONFIRMED.column(connection, partner=partner, subject=subject)


async def free_kinds(
    connection: Connection, managers: Collection[str], etats: Collection[str]
) -> list[Subject]:
    """Return one place for each combination of manager, commune and kind of offer in these states."""
    rows = await _KINDS.all(connection, managers=list(managers), etats=list(etats))
    return [subject_of(row) for row in rows]


async def free(
    connection: Connection, kinds: Iterable[Place], etats: Collection[str], notified: str | None, most: int
) -> list[Subject]:
    """Return the places in these states with a manager, commune and kind of offer in `kinds`, longest in
    their state first. `notified` selects places about which this partner received a message."""
    wanted = [(kind.gestionnaire, kind.commune, kind.dispositif) for kind in kinds]
    managers, communes, dispositifs = zip(*wanted, strict=True) if wanted else ((), (), ())
    rows = await _FREE.all(
        connection,
        managers=list(managers),
        communes=list(communes),
        dispositifs=list(dispositifs),
        etats=list(etats),
        notified=notified,
        most=most,
    )
    return [subject_of(row) for row in rows]
