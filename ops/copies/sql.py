"""Find the partners that have data of a household."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_COPIES = Sql("""
    WITH theirs AS (
        SELECT id, donnees FROM subject WHERE menage = ANY(CAST(:menages AS uuid[]))
    ), linked AS (
        SELECT l.holder FROM key_link l
        WHERE l.titulaire = ANY(CAST(:menages AS uuid[])) OR l.titulaire IN (SELECT id FROM theirs)
    ), sent AS (
        SELECT d.id, d.partner, d.etat, d.settled_at FROM delivery d JOIN event e ON e.id = d.event_id
        WHERE d.subject IN (SELECT id FROM theirs) OR e.correlation IN (SELECT holder FROM linked)
    ), known AS (
        SELECT partner FROM sent
        UNION SELECT partner FROM crosswalk WHERE id = ANY(CAST(:menages AS uuid[]))
        UNION SELECT donnees ->> 'destinataire' FROM theirs
        UNION SELECT donnees ->> 'emetteur' FROM theirs
    )
    SELECT k.partner, count(s.id) FILTER (WHERE s.etat = 'livree') AS handed_over,
           count(s.id) FILTER (WHERE s.etat = 'deposee') AS in_the_mailbox,
           max(s.settled_at) FILTER (WHERE s.etat = 'livree') AS last_at
    FROM known k LEFT JOIN sent s ON s.partner = k.partner
    WHERE k.partner IS NOT NULL GROUP BY k.partner ORDER BY k.partner
""")


async def with_whom(connection: Connection, menages: Sequence[UUID]) -> Sequence[Row]:
    """Return a row for each partner that has data of these households. Call this before the households are
    forgotten. A row counts the partner's deliveries of the last 90 days about the households:

    * partner: the id of the partner;
    * handed_over: how many of the deliveries the partner has received;
    * in_the_mailbox: how many more are still in the partner's mailbox;
    * last_at: when the partner received the newest delivery; None if it received none.
    """
    return await _COPIES.all(connection, menages=list(menages))
