"""Mailboxes, on the deliveries themselves: what is `deposee` waits, what is acknowledged is `livree`.

Where its subject is now in one of the states `:set_aside`, an item has that state, else the one that its delivery was
made in. Nobody answers to an item of a mailbox: with whom an answer would be forgotten is not asked.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from router.store.deliveries import INTO_THEIR_LANES
from router.store.sql import Connection, Row, Sql


class Limits(NamedTuple):
    """What may be read in a mailbox, and for how long."""

    set_aside: Sequence[str]
    """States of a subject whose household its recipient may read of no more."""
    served: timedelta
    """How long what was acknowledged may be read again."""


_COLUMNS = """
    d.id, d.partner, d.subject, d.event_id, d.etat, d.settled_at, e.type, e.source, e.territoire, e.time,
    e.correlation, e.causation, e.trace, e.payload,
    CASE WHEN s.etat = ANY(CAST(:set_aside AS text[])) THEN s.etat ELSE COALESCE(d.subject_etat, s.etat) END
        AS subject_etat, CAST(NULL AS uuid) AS menage,
    d.etat = 'deposee' OR d.settled_at > now() - CAST(:served AS interval) AS served
    FROM delivery d JOIN event e ON e.id = d.event_id LEFT JOIN subject s ON s.id = d.subject
"""
_WAITING = Sql(f"""
    SELECT {_COLUMNS} WHERE d.partner = :partner AND d.etat = 'deposee'
      AND d.seq > COALESCE((SELECT seq FROM delivery WHERE id = :after AND partner = :partner), 0)
    ORDER BY d.seq LIMIT :limit
""")
_FETCH = Sql(f"""
    SELECT {_COLUMNS} WHERE d.id = :id AND d.partner = :partner AND d.etat IN ('deposee', 'livree')
""")
_END = Sql("""
    UPDATE delivery SET etat = e.etat, error = e.error, settled_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:etats AS text[]), CAST(:errors AS text[])) AS e(id, etat, error)
    WHERE delivery.id = e.id AND delivery.etat = 'deposee'
""")
_ACKNOWLEDGE = Sql("""
    UPDATE delivery SET etat = 'livree', settled_at = now()
    WHERE id = :id AND partner = :partner AND etat = 'deposee' RETURNING id
""")

_OUT_OF_THE_BOX = Sql(f"""
    WITH added AS (
        UPDATE delivery SET etat = 'en_vol', settled_at = NULL
        WHERE id IN (
            SELECT id FROM delivery WHERE partner = ANY(CAST(:partners AS text[])) AND etat = 'deposee'
            ORDER BY partner, seq LIMIT 10000 FOR UPDATE SKIP LOCKED)
        RETURNING partner, subject, false AS bulk
    ){INTO_THEIR_LANES} RETURNING subject""")
_MAILBOXES = Sql("""
    WITH RECURSIVE found AS (
        (SELECT partner FROM delivery WHERE etat = 'deposee' ORDER BY partner LIMIT 1)
        UNION ALL
        SELECT (
            SELECT partner FROM delivery WHERE etat = 'deposee' AND partner > found.partner ORDER BY partner LIMIT 1)
        FROM found WHERE found.partner IS NOT NULL
    )
    SELECT partner FROM found WHERE partner IS NOT NULL
""")
"""From one partner to the next in the index, however much lies there."""


async def waiting(
    connection: Connection, partner: str, after: UUID | None, limit: int, limits: Limits
) -> Sequence[Row]:
    """A partner's oldest deliveries that it has not acknowledged, behind the one named `after`, with their events."""
    return await _WAITING.all(connection, partner=partner, after=after, limit=limit, **limits._asdict())


async def fetch(connection: Connection, partner: str, delivery: UUID | None, limits: Limits) -> Row | None:
    """A partner's own delivery with its event, acknowledged or not; `served` where it may still be read."""
    return await _FETCH.first(connection, partner=partner, id=delivery, **limits._asdict())


async def acknowledge(connection: Connection, partner: str, delivery: UUID) -> bool:
    """The partner has it; False where it had acknowledged it before."""
    return await _ACKNOWLEDGE.first(connection, partner=partner, id=delivery) is not None


async def end(connection: Connection, ended: Mapping[UUID, tuple[str, str | None]]) -> None:
    """Take out what nobody can collect any more: its new state and the reason, by delivery."""
    if ended:
        etats, errors = zip(*ended.values(), strict=True)
        await _END.run(connection, ids=list(ended), etats=list(etats), errors=list(errors))


async def empty_mailboxes(connection: Connection, but: Collection[str]) -> None:
    """What lies in mailboxes that partners no longer have is to be sent, all of it before what follows. They may have
    collected it: it was on its way."""
    left = [partner for partner in await _MAILBOXES.column(connection) if partner not in but]
    while left and await _OUT_OF_THE_BOX.column(connection, partners=left):
        pass
