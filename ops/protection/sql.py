"""Read the messages and cards that describe households, and store the appointments of referents. A card is
what the hub compares of a household to find duplicates."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_ABOUT = """(
    SELECT h.menage AS id
    UNION SELECT s.id FROM subject s WHERE s.menage = h.menage
    UNION SELECT CAST(s.donnees ->> 'demande' AS uuid) FROM subject s
        WHERE s.menage = h.menage AND s.donnees ? 'demande'
    UNION SELECT citing.id FROM subject s JOIN subject citing
        ON citing.donnees ? 'demande' AND citing.donnees ->> 'demande' = CAST(s.id AS text)
        WHERE s.menage = h.menage AND s.nature = 'demande'
) AS about"""
"""Query for the ids of the subjects whose messages are about the household `h.menage`, and for the
household's own id."""
_DESCRIBING = Sql(f"""
    SELECT h.menage, told.* FROM unnest(CAST(:menages AS uuid[]), CAST(:before AS bigint[])) AS h(menage, before)
    CROSS JOIN LATERAL (
        SELECT e.id, e.seq, e.payload FROM {_ABOUT} JOIN event e ON e.subject = about.id
        WHERE e.type = ANY(CAST(:types AS text[])) AND (h.before IS NULL OR e.seq < h.before)
        ORDER BY e.seq DESC LIMIT :most
    ) AS told
    ORDER BY told.seq DESC
""")
_CARDS = Sql(f"""
    SELECT DISTINCT h.menage, c.menage AS titulaire, c.sealed FROM unnest(CAST(:menages AS uuid[])) AS h(menage)
    CROSS JOIN LATERAL {_ABOUT} LEFT JOIN subject s ON s.id = about.id
    JOIN household_card c ON c.menage = COALESCE(s.menage, about.id)
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
    """Return the newest messages of the given `types` about each household in `before`, at most `most` for
    each household. If `before` gives a number for a household, return only its messages with a lower number
    in the log (`seq`). Rows are (menage, id, seq, payload), newest first. The messages of a household are
    those about:

    * the household itself, and its subjects;
    * the demands that its subjects cite;
    * the subjects that cite a demand of the household.
    """
    numbers = list(before.values())
    return await _DESCRIBING.all(
        connection, menages=list(before), before=numbers, types=list(types), most=most
    )


async def cards(connection: Connection, menages: Collection[UUID]) -> Sequence[Row]:
    """Return rows (menage, titulaire, sealed): the encrypted cards of each household `menage`. `titulaire` is
    the id under which a card is stored. This is the household's own id, or the id by which a linked subject
    names its household. A linked subject is a demand that a subject of the household cites, or a subject that
    cites a demand of the household."""
    return await _CARDS.all(connection, menages=list(menages))


async def name(
    connection: Connection,
    ident: UUID,
    personne: str,
    menage: UUID | None,
    siao: str | None,
    ends_at: datetime,
) -> None:
    """Store the appointment of a referent for a household or a SIAO. The appointments that have ended are
    deleted."""
    await _NAME.run(connection, id=ident, personne=personne, menage=menage, siao=siao, ends_at=ends_at)


async def end(connection: Connection, ident: UUID) -> Row | None:
    """Delete the appointment `ident` of a referent. Return (personne, menage, siao) of the appointment; None
    if no appointment has this id."""
    return await _END.first(connection, id=ident)


async def live(connection: Connection, personne: str | None = None) -> Sequence[Row]:
    """Return the appointments of referents that have not ended, the first to end first. With `personne`,
    return the appointments of this person only."""
    return await _LIVE.all(connection, personne=personne)


async def remove(connection: Connection, menage: UUID) -> None:
    """Delete the appointments of referents for the household `menage` alone, which is being forgotten."""
    await _REMOVE.run(connection, menage=menage)
