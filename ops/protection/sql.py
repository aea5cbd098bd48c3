"""Query for messages that describe households, and store of the appointments of referents. A referent is a
person appointed to find protected households."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_DESCRIBING = Sql("""
    SELECT h.menage, told.* FROM unnest(CAST(:menages AS uuid[]), CAST(:before AS bigint[])) AS h(menage, before)
    CROSS JOIN LATERAL (
        SELECT e.id, e.seq, e.payload FROM (
            SELECT h.menage AS id
            UNION SELECT s.id FROM subject s WHERE s.menage = h.menage
            UNION SELECT CAST(s.donnees ->> 'demande' AS uuid) FROM subject s
                WHERE s.menage = h.menage AND s.donnees ? 'demande'
            UNION SELECT citing.id FROM subject s JOIN subject citing
                ON citing.donnees ? 'demande' AND citing.donnees ->> 'demande' = CAST(s.id AS text)
                WHERE s.menage = h.menage AND s.nature = 'demande'
        ) AS about JOIN event e ON e.subject = about.id
        WHERE e.type = ANY(CAST(:types AS text[])) AND (h.before IS NULL OR e.seq < h.before)
        ORDER BY e.seq DESC LIMIT :most
    ) AS told
    ORDER BY told.seq DESC
""")
_NAME = Sql("""
    WITH past AS (DELETE FROM protection_referent WHERE ends_at < now())
    INSERT INTO protection_referent (id, personne, menage, siao, ends_at)
    VALUES (:id, :personne, :menage, :siao, :ends_at)
""")
_END = Sql("DELETE FROM protection_referent WHERE id = :id RETURNING personne, menage, siao")
_LIVE = Sql("""
    SELECT id, personne, menage, siao, named_at, ends_at FROM protection_referent
    WHERE ends_at > now() AND (CAST(:personne AS text) IS NULL OR personne = :personne) ORDER BY ends_at
""")
_REMOVE = Sql("DELETE FROM protection_referent WHERE menage = :menage")


async def describing(
    connection: Connection, before: Mapping[UUID, int | None], types: Sequence[str], most: int
) -> Sequence[Row]:
    """Return the newest messages of these types about each household as (menage, id, seq, payload), newest
    first, at most `most` for each household.

    A message is about the household if it is about a subject of the household. It also is if it is about a
    demand that such a subject cites, or about a subject (such as a referral) that cites a demand of the
    household. `before` has for each household the sequence number below which messages are read; None reads
    from the newest.
    """
    numbers = list(before.values())
    return await _DESCRIBING.all(
        connection, menages=list(before), before=numbers, types=list(types), most=most
    )


async def name(
    connection: Connection,
    ident: UUID,
    personne: str,
    menage: UUID | None,
    siao: str | None,
    ends_at: datetime,
) -> None:
    """Store the appointment of a referent, for one household or for all protected households of a SIAO. A
    referent is a person appointed to find protected households. Appointments that have ended are deleted."""
    await _NAME.run(connection, id=ident, personne=personne, menage=menage, siao=siao, ends_at=ends_at)


async def end(connection: Connection, ident: UUID) -> Row | None:
    """Delete the appointment of a referent: a person appointed to find protected households. Return
    (personne, menage, siao); None for an unknown appointment."""
    return await _END.first(connection, id=ident)


async def live(connection: Connection, personne: str | None = None) -> Sequence[Row]:
    """Return the present appointments of referents, first to end first. A referent is a person appointed to
    find protected households. If `personne` is given, return only this person's appointments."""
    return await _LIVE.all(connection, personne=personne)


async def remove(connection: Connection, menage: UUID) -> None:
    """Delete the appointments of referents for the forgotten household `menage`. A referent is a person
    appointed to find protected households."""
    await _REMOVE.run(connection, menage=menage)
