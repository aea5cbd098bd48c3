"""Store accepted messages in one statement: idempotency claims, inbox rows, audit rows and events.

The statement skips two kinds of messages, which the caller stores with several statements:

* a message whose idempotency key is taken;
* all messages of a sender that has a message with deferred events, or a message that is still being decoded.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from router.store import idempotency, inbox, keys, log
from router.store.idempotency import Claim
from router.store.inbox import InboxRow
from router.store.sql import Connection, Sql

_OFFERED = f"""
    WITH offered AS (
        SELECT o.* FROM ({idempotency.OFFERED}) AS o WHERE NOT EXISTS (
            SELECT FROM inbox WHERE {inbox.UNDER_WAY} AND inbox.partner = o.partner)
"""
_KEEP = f"""
    ), claimed AS ({idempotency.CLAIMED}), replaced AS ({idempotency.REPLACED}), messages AS (
        SELECT m.* FROM ({inbox.MESSAGES}) AS m JOIN claimed ON claimed.message_id = m.id
    ), audited AS ({inbox.AUDITED}), kept AS ({inbox.INSERTED}), rows AS (
        SELECT r.* FROM ({log.ROWS}) AS r JOIN claimed ON claimed.message_id = r.correlation
    ), appended AS ({log.APPENDED}), pending AS ({log.MADE_PENDING})
"""
_LINKS = f"""
    , links AS (
        SELECT l.* FROM ({keys.LINKS}) AS l JOIN claimed ON claimed.message_id = l.holder
    ), linked AS ({keys.LINKED}), noted AS ({keys.HEARD}), fresh AS (
        SELECT f.* FROM ({keys.FRESH}) AS f JOIN claimed ON claimed.message_id = f.holder
    ), created AS ({keys.CREATED})
"""
_FRESH = """
    SELECT claimed.message_id, arrived.event_id, arrived.seq, arrived.before,
           (SELECT pg_notify(:channel, '') FROM pending WHERE CAST(:channel AS text) IS NOT NULL LIMIT 1)
    FROM claimed LEFT JOIN (
        SELECT rows.correlation, pending.event_id, pending.seq, (
            SELECT seq FROM outbox WHERE subject = pending.subject AND shard >= 0 ORDER BY seq DESC LIMIT 1) AS before
        FROM pending JOIN rows ON rows.id = pending.event_id WHERE NOT rows.bulk
    ) AS arrived ON arrived.correlation = claimed.message_id
"""
_KEEP_ABOUT_NOBODY = Sql(f"{_OFFERED} {_KEEP} {_FRESH}")
_KEEP_AND_LINK = Sql(f"{_OFFERED} AND {keys.WRAPS} {_KEEP} {_LINKS} {_FRESH}")


Arrival: TypeAlias = tuple[log.Entry, int | None]
"""Event that has just become pending, with the sequence number of the last pending event before it that has
the same subject. The number is None if there is no such event."""


class Batch(NamedTuple):
    """Messages to store together, with their events."""

    writer: bytes
    """Mark (short name) of the HMAC key that made the fingerprints in `claims`. Nothing is stored if this key was
    replaced."""
    claims: Sequence[Claim]
    """Claim of each message on its idempotency key. The keys must all differ."""
    messages: Sequence[InboxRow]
    events: Sequence[log.Entry]
    links: keys.Links
    fresh: keys.Fresh
    """New data keys of messages. If there are `links`, and the master key of `fresh` was replaced, nothing is
    stored."""


async def keep(connection: Connection, batch: Batch, channel: str | None) -> tuple[set[UUID], list[Arrival]]:
    """Store messages, make their events pending, and notify the PostgreSQL channel `channel`, if given. Skip a
    message whose idempotency key is taken. Skip all messages of a sender that has a message still being
    decoded, or one whose events are deferred. Return the ids of the stored messages, and the events of these
    messages that are not bulk."""
    values = {
        **idempotency.values_of_claims(batch.writer, batch.claims),
        **inbox.values_of(batch.messages),
        **log.values_of(batch.events),
        "channel": channel,
    }
    if batch.links.pairs:
        linked = {**keys.values_of(batch.links), **keys.values_of_fresh(batch.fresh)}
        rows = await _KEEP_AND_LINK.all(connection, **values, **linked)
    else:
        rows = await _KEEP_ABOUT_NOBODY.all(connection, **values)
    by_id = {entry.attributes.id: entry for entry in batch.events}
    pending = sorted((row for row in rows if row.event_id is not None), key=lambda row: row.seq)
    arrivals = [(by_id[row.event_id]._replace(seq=row.seq), row.before) for row in pending]
    return {row.message_id for row in rows}, arrivals
