"""Read and write mailboxes. A mailbox is the deliveries that a partner fetches itself; they are rows of the
table of deliveries.

A delivery in the state `deposee` waits in the mailbox. A delivery in the state `livree` is acknowledged. What
the partner may read in a delivery depends on the state of the referral, the demand… after the delivered event.
But if the present state hides the household's identity from the partner, the present state decides.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from router.domain.audit_chain import DELIVERED
from router.store.deliveries import INTO_THEIR_LANES
from router.store.sql import Connection, Row, Sql


class Limits(NamedTuple):
    """Limits for a partner that reads its mailbox: what it may still see, and for how long it may read a
    delivery again."""

    set_aside: Sequence[str]
    """States in which the recipient of a referral, a demand… may no longer see who the household is."""
    served: timedelta
    """Time for which a delivery may be read again after its acknowledgement."""


_COLUMNS = """
    d.id, d.partner, d.subject, d.event_id, d.etat, d.settled_at, e.type, e.source, e.territoire, e.time,
    e.correlation, e.causation, e.trace, e.payload,
    CASE WHEN s.etat = ANY(CAST(:set_aside AS text[])) THEN s.etat ELSE COALESCE(d.subject_etat, s.etat) END
        AS subject_etat, CAST(NULL AS uuid) AS menage, d.numero, d.fiche, d.label,
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


async def waiting(
    connection: Connection, partner: str, after: UUID | None, limit: int, limits: Limits
) -> Sequence[Row]:
    """Return the oldest unacknowledged deliveries in a partner's mailbox, with their events: at most `limit`,
    and only those after the delivery `after`. `limits` says what the partner may still read."""
    return await _WAITING.all(connection, partner=partner, after=after, limit=limit, **limits._asdict())


async def fetch(connection: Connection, partner: str, delivery: UUID | None, limits: Limits) -> Row | None:
    """Return a delivery in a partner's mailbox, with its event. Return None if the mailbox has no such
    delivery. The column `served` tells whether the partner may still read the delivery."""
    return await _FETCH.first(connection, partner=partner, id=delivery, **limits._asdict())


async def handed_out(
    connection: Connection, partner: str, delivery: UUID, nonce: bytes | None, digest: str
) -> None:
    """Record in the audit that a partner has read a delivery in its mailbox. For an unacknowledged delivery,
    also store the encrypted `nonce` of its receipt, and `digest`, the fingerprint of the bytes."""
    await _HANDED_OUT.run(connection, partner=partner, id=delivery, nonce=nonce, digest=digest)


async def acknowledge(connection: Connection, partner: str, delivery: UUID) -> bool:
    """Mark a delivery in a partner's mailbox as acknowledged by the partner. Return False if it is already
    acknowledged, or is not in this mailbox.

    The audit row that proves the receipt has the fingerprint of the bytes that the partner last read.
    """
    return await _ACKNOWLEDGE.first(connection, partner=partner, id=delivery) is not None


async def end(connection: Connection, ended: Mapping[UUID, tuple[str, str | None]]) -> None:
    """Take deliveries out of the mailbox. `ended` has the final state and the reason of each delivery."""
    if ended:
        etats, errors = zip(*ended.values(), strict=True)
        await _END.run(connection, ids=list(ended), etats=list(etats), errors=list(errors))


async def empty_mailboxes(connection: Connection, but: Collection[str]) -> None:
    """Empty the mailboxes of all partners that have no mailbox any more. `but` has the partners that still
    have one.

    The deliveries become due, and are then sent in the way that the registry now names. They are recorded as
    in flight, because the partner may already have fetched them.
    """
    left = [partner for partner in await _MAILBOXES.column(connection) if partner not in but]
    while left and await _OUT_OF_THE_BOX.column(connection, partners=left):
        pass
