"""Read what a signed receipt contains: a row of the audit, the link of the audit's chain that binds this row,
and a head (signed hash of the last link) that covers this link."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.domain.audit_chain import DELIVERED, AuditRow, Link
from router.store.sql import Connection, Row, Sql

# The row is found by the time of receipt, because there is no index by message.
_ACCEPTED = Sql("""
    SELECT i.nonce, a.id, a.at, a.actor, a.action, a.object, a.detail
    FROM inbox i JOIN audit a ON a.object = CAST(i.id AS text) AND a.action LIKE 'message.%'
        AND a.detail ->> 'empreinte' IS NOT NULL
        AND a.at BETWEEN i.received_at - interval '10 minutes' AND i.received_at + interval '10 minutes'
    WHERE i.id = :message AND i.partner = :partner AND i.nonce IS NOT NULL
    ORDER BY a.id LIMIT 1
""")
_ARRIVED = Sql("""
    WITH asked AS (
        SELECT d.id, d.partner, d.in_lot, d.settled_at
        FROM delivery d JOIN event e ON e.id = d.event_id
        WHERE (d.id = :delivery OR d.in_lot = :delivery) AND :partner IN (d.partner, e.source)
          AND d.etat = 'livree' AND d.nonce IS NOT NULL
          AND (d.partner = :partner OR NOT EXISTS (
              SELECT FROM subject s WHERE s.id = e.subject AND s.donnees #>> '{cedants,0}' IS NOT NULL
                  AND s.donnees ->> 'destinataire' <> :partner AND NOT s.donnees -> 'cedants' ? :partner))
        ORDER BY d.seq LIMIT 1
    )
    SELECT asked.id AS asked, asked.partner, asked.settled_at, d.id, d.nonce, d.subject, e.type, e.payload, s.menage
    FROM asked JOIN delivery d ON d.id = asked.id OR (d.in_lot = asked.in_lot AND d.settled_at = asked.settled_at)
    JOIN event e ON e.id = d.event_id LEFT JOIN subject s ON s.id = d.subject
    WHERE d.nonce IS NOT NULL ORDER BY d.seq
""")
_DELIVERED = Sql(f"""
    SELECT id, at, actor, action, object, detail FROM audit
    WHERE at = :at AND action = '{DELIVERED}' AND object = :object
""")
_LINK = Sql("""
    SELECT number, previous, ids, digests, hash FROM audit_link
    WHERE at >= CAST(:at AS timestamptz) - interval '1 minute' AND ids @> ARRAY[CAST(:id AS bigint)]
    ORDER BY at LIMIT 1
""")
_HEAD = Sql("""
    SELECT number, since, line FROM audit_head WHERE number >= :number AND since < :number
    ORDER BY number, at LIMIT 1
""")
_SIBLINGS = Sql("""
    SELECT hash FROM audit_link WHERE number > :since AND number <= :until ORDER BY number
""")


class Accepted(NamedTuple):
    """Content of the signed receipt of an accepted message: the audit row, and the encrypted nonce."""

    nonce: bytes
    entry: AuditRow


class Arrived(NamedTuple):
    """Content of the signed receipt of a delivery, or of a whole lot. It proves that the delivery or lot has
    reached its recipient."""

    shares: Sequence[Row]
    """Rows of the delivery, or of all deliveries of its lot. The nonce is split over them: each row has one
    part of it, encrypted, and the columns by which the data key of this part is found."""
    entry: AuditRow


class Covered(NamedTuple):
    """Proof that a signed head covers an audit row: the link that contains the row, the head, and the hashes of
    all links that the head covers."""

    link: Link
    head: str
    siblings: Sequence[bytes]
    place: int
    """Position of the link in `siblings`."""


async def accepted(connection: Connection, message: UUID, partner: str) -> Accepted | None:
    """Return the content of a message's signed receipt. Return None if the message has no nonce, or if
    `partner` did not send the message."""
    row = await _ACCEPTED.first(connection, message=message, partner=partner)
    if row is None:
        return None
    return Accepted(bytes(row.nonce), AuditRow(row.id, row.at, row.actor, row.action, row.object, row.detail))


async def arrived(connection: Connection, delivery: UUID, partner: str) -> Arrived | None:
    """Return the content of the signed receipt of the delivery or lot with the id `delivery`. Return None if

    * the arrival is not proven, or a delivery of the lot was deleted since,
    * `partner` is neither the recipient nor the sender, or
    * the receipt would tell `partner`, the sender of a transferred demand, which SIAO has the demand now.
    """
    rows = await _ARRIVED.all(connection, delivery=delivery, partner=partner)
    if not rows:
        return None
    row = await _DELIVERED.first(connection, at=rows[0].settled_at, object=str(rows[0].asked))
    if row is None or row.detail.get("lignes", 1) != len(rows):
        return None
    return Arrived(rows, AuditRow(row.id, row.at, row.actor, row.action, row.object, row.detail))


async def covered(connection: Connection, entry: AuditRow) -> Covered | None:
    """Return the proof that a signed head covers an audit row. Return None as long as no head does."""
    found = await _LINK.first(connection, at=entry.at, id=entry.id)
    if found is None:
        return None
    link = Link(found.number, bytes(found.previous), list(found.ids), bytes(found.digests), bytes(found.hash))
    head = await _HEAD.first(connection, number=link.rank)
    if head is None:
        return None
    siblings = await _SIBLINGS.column(connection, since=head.since, until=head.number)
    return Covered(link, head.line, [bytes(each) for each in siblings], siblings.index(found.hash))
