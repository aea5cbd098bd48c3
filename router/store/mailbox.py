"""Read and write mailboxes: the deliveries that a partner fetches itself.

A delivery in the state `deposee` waits in the mailbox. In the state `livree`, the partner has confirmed its
receipt. What the partner may read depends on the state of the subject after the event. If the subject's
present state hides the household's identity, this state decides instead. A household that has left the
partner's list is hidden too.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from router.domain.audit_chain import DELIVERED
from router.store.deliveries import INTO_THEIR_LANES
from router.store.lanes import MERGED
from router.store.lists import OFF_ITS_LIST
from router.store.sql import Connection, Row, Sql


class Limits(NamedTuple):
    """Limits on what a partner may read in its mailbox: the states of a subject (referral, candidacy, demand…)
    in which the household is hidden from the partner, and for how long the partner may read a confirmed delivery
    again."""

    set_aside: Sequence[str]
    """States of a subject in which the recipient no longer sees who the household is."""
    served: timedelta
    """Time for which a partner may read a delivery again, from its confirmation of receipt."""


_COLUMNS = f"""
    d.id, d.partner, d.subject, d.event_id, d.etat, d.settled_at, e.type, e.source, e.territoire, e.time,
    e.correlation, e.causation, e.trace, e.payload,
    CASE WHEN s.etat = ANY(CAST(:set_aside AS text[])) THEN s.etat WHEN {OFF_ITS_LIST} THEN 'RETIRE'
         ELSE COALESCE(d.subject_etat, s.etat) END
        AS subject_etat, CAST(NULL AS uuid) AS menage, d.numero, d.fiche, d.label,
    d.etat = 'deposee' OR d.settled_at > now() - CAST(:served AS interval) AS served
    FROM delivery d JOIN event e ON e.id = d.event_id LEFT JOIN subject s ON s.id = d.subject
"""
_WAITING = Sql(f"""
    SELECT {_COLUMNS} WHERE d.partner = :partner AND d.etat = 'deposee'
      AND (d.deposit, d.seq) > (
          SELECT deposit, seq FROM delivery WHERE id = :after AND partner = :partner UNION ALL SELECT 0, 0 LIMIT 1)
    ORDER BY d.deposit, d.seq LIMIT :limit
""")
_FETCH = Sql(f"""
    SELECT {_COLUMNS} WHERE d.id = :id AND d.partner = :partner AND d.etat IN ('deposee', 'livree')
""")
_END = Sql("""
    UPDATE delivery SET etat = e.etat, error = e.error, settled_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:etats AS text[]), CAST(:errors AS text[])) AS e(id, etat, error)
    WHERE delivery.id = e.id AND delivery.etat = 'deposee'
""")
_HANDED_OUT = Sql("""
    WITH kept AS (
        UPDATE delivery SET nonce = CAST(:nonce AS bytea)
        WHERE id = :id AND etat = 'deposee' AND CAST(:nonce AS bytea) IS NOT NULL RETURNING id
    )
    INSERT INTO audit (actor, action, object, detail)
    SELECT CAST(:partner AS text), 'boite.lire', CAST(CAST(:id AS uuid) AS text),
           jsonb_strip_nulls(jsonb_build_object('empreinte', (SELECT CAST(:digest AS text) FROM kept)))
""")
_ACKNOWLEDGE = Sql(f"""
    WITH taken AS (
        UPDATE delivery SET etat = 'livree', settled_at = now()
        WHERE id = :id AND partner = :partner AND etat = 'deposee' RETURNING id, partner
    ), audited AS (
        INSERT INTO audit (actor, action, object, detail)
        SELECT taken.partner, '{DELIVERED}', read.object, read.detail
        FROM taken CROSS JOIN LATERAL (
            SELECT object, detail FROM audit
            WHERE object = CAST(taken.id AS text) AND action = 'boite.lire' AND action NOT LIKE 'message.%'
              AND detail ? 'empreinte'
            ORDER BY audit.id DESC LIMIT 1) AS read
    )
    SELECT id FROM taken
""")

_OUT_OF_THE_BOX = Sql(f"""
    WITH added AS (
        UPDATE delivery SET etat = 'en_vol', settled_at = NULL
        WHERE id IN (
            SELECT id FROM delivery WHERE partner = ANY(CAST(:partners AS text[])) AND etat = 'deposee'
            ORDER BY partner, seq LIMIT 10000 FOR UPDATE SKIP LOCKED)
        RETURNING partner, subject, false AS bulk
    ){INTO_THEIR_LANES} RETURNING subject""")
# One index look-up for each partner.
_LEFT = Sql(f"""
    WITH RECURSIVE found AS (
        (SELECT partner FROM delivery WHERE etat = 'deposee' ORDER BY partner LIMIT 1)
        UNION ALL
        SELECT (
            SELECT partner FROM delivery WHERE etat = 'deposee' AND partner > found.partner ORDER BY partner LIMIT 1)
        FROM found WHERE found.partner IS NOT NULL
    )
    SELECT partner FROM found WHERE partner IS NOT NULL AND NOT EXISTS (
        SELECT FROM partner p WHERE p.id = found.partner AND p.entry #>> '{{sortie,type}}' = 'boite'
          AND p.id NOT IN {MERGED})
""")


async def waiting(
    connection: Connection, partner: str, after: UUID | None, limit: int, limits: Limits
) -> Sequence[Row]:
    """Return at most `limit` deliveries in a partner's mailbox whose receipt is not confirmed, oldest first,
    with their events. `after` is the last delivery of the previous page, or None. `limits` says in which states
    of a subject, such as a refused referral, its household is hidden from the partner."""
    return await _WAITING.all(connection, partner=partner, after=after, limit=limit, **limits._asdict())


async def fetch(connection: Connection, partner: str, delivery: UUID | None, limits: Limits) -> Row | None:
    """Return a delivery in a partner's mailbox with its event, or None if the mailbox does not have it.
    `limits` says what the partner may read. The row's `served` is False if the partner confirmed the receipt
    too long ago to read the delivery again."""
    return await _FETCH.first(connection, partner=partner, id=delivery, **limits._asdict())


async def handed_out(
    connection: Connection, partner: str, delivery: UUID, nonce: bytes | None, digest: str
) -> None:
    """Record in the audit that a partner has read a delivery. For the signed receipt, also store the encrypted
    `nonce` and the `digest` of the bytes read. Store neither if `nonce` is None, or if the partner has already
    confirmed the receipt."""
    await _HANDED_OUT.run(connection, partner=partner, id=delivery, nonce=nonce, digest=digest)


async def acknowledge(connection: Connection, partner: str, delivery: UUID) -> bool:
    """Record that the partner confirms the receipt of a delivery. Return False if the receipt is confirmed
    already, or if the delivery is not in this mailbox."""
    return await _ACKNOWLEDGE.first(connection, partner=partner, id=delivery) is not None


async def end(connection: Connection, ended: Mapping[UUID, tuple[str, str | None]]) -> None:
    """Take deliveries out of their mailboxes without a confirmation by the partner. `ended` has the final state
    of each delivery, with the reason or None."""
    if ended:
        etats, errors = zip(*ended.values(), strict=True)
        await _END.run(connection, ids=list(ended), etats=list(etats), errors=list(errors))


async def empty_mailboxes(connection: Connection) -> None:
    """Empty the mailboxes of partners that no longer have one in the stored registry, or that have merged
    into another SIAO. Deliveries whose receipt is not confirmed become due again. They are marked as perhaps
    already sent (`en_vol`), because the partner may have fetched them."""
    left = await _LEFT.column(connection)
    while left and await _OUT_OF_THE_BOX.column(connection, partners=left):
        pass
