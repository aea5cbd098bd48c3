"""Deliveries owed to partners, in order; each waits in its lane (`lanes`)."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql

DONE = "('livree', 'oubliee', 'classee')"
"""Final states of a delivery."""
INTO_THEIR_LANES = """
    INSERT INTO lane AS l (partner, subject, pending, due_at, token, bulk)
    SELECT partner, subject, count(*), now(), CAST(extract(epoch FROM now()) * 1000 AS bigint), bool_and(bulk)
    FROM added GROUP BY partner, subject ORDER BY partner, subject
    ON CONFLICT (partner, subject) DO UPDATE SET
        pending = l.pending + excluded.pending,
        due_at = CASE WHEN l.pending = 0 AND l.rested IS NOT DISTINCT FROM l.token THEN now() ELSE l.due_at END,
        bulk = excluded.bulk AND (l.bulk OR l.pending = 0)
"""
"""Statement that adds the rows (partner, subject, bulk) of a query `added` to their lanes. A lane is bulk
only while everything in it is bulk: a small message takes along what it waits behind. A claimed lane falls
due at the end of its lease, even if all that waited in it was closed meanwhile."""


def _recorded(columns: str, values: str, source: str) -> str:
    return f"""
    owed AS (
        SELECT * FROM unnest(
            CAST(:owed AS uuid[]), CAST(:partners AS text[]), CAST(:lanes AS uuid[]), CAST(:causes AS uuid[]),
            CAST(:subject_etats AS text[]), CAST(:gives_way AS boolean[])
        ) WITH ORDINALITY AS d(id, partner, subject, event_id, subject_etat, bulk, n)
    ), recorded AS (
        INSERT INTO delivery (id, partner, subject, event_id, subject_etat, etat{columns})
        SELECT owed.id, owed.partner, owed.subject, owed.event_id, owed.subject_etat, 'en_attente'{values}
        FROM {source} ORDER BY owed.n
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    ), added AS (
        SELECT partner, subject, bulk FROM owed JOIN recorded USING (id)
    ), laned AS ({INTO_THEIR_LANES})
"""


RECORDED = _recorded("", "", "owed")
"""Queries, for a statement that begins with WITH, that record the deliveries of `values_of` as waiting, in
order. Known deliveries are left alone."""
RECORDED_WITH_NUMBERS = _recorded(
    ", numero, fiche", ", c.number, c.fiche", "owed LEFT JOIN numbered AS c ON c.delivery = owed.id"
)
"""The queries of `RECORDED`, where a query `numbered` before them numbers some of the deliveries (`lists`)."""
_DOUBT = Sql("""
    UPDATE delivery SET etat = 'en_vol'
    WHERE id IN (SELECT id FROM delivery WHERE etat = 'en_attente' ORDER BY partner, created_at LIMIT 10000)
      AND etat = 'en_attente' RETURNING id
""")
"""Statement that looks at the state again once it has the row: a dispatcher may have settled it meanwhile."""


class Owed(NamedTuple):
    """Delivery to be made."""

    id: UUID
    partner: str
    subject: UUID
    event: UUID
    subject_etat: str | None
    """State of its subject after its event. It decides what the recipient may read, whenever the delivery
    leaves."""
    bulk: bool = False
    """True where it gives way to the deliveries of small messages."""


def values_of(deliveries: Sequence[Owed]) -> dict[str, object]:
    """Return the parameters of `RECORDED`."""
    return {
        "owed": [d.id for d in deliveries],
        "partners": [d.partner for d in deliveries],
        "lanes": [d.subject for d in deliveries],
        "causes": [d.event for d in deliveries],
        "subject_etats": [d.subject_etat for d in deliveries],
        "gives_way": [d.bulk for d in deliveries],
    }


async def doubt(connection: Connection) -> bool:
    """Mark some thousands of waiting deliveries as in flight; False when none was left.

    After a restore nobody knows whether a waiting delivery has left. So the partner's class of delivery
    decides.
    """
    return bool(await _DOUBT.column(connection))
