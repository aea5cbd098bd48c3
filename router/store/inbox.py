"""Store inbox rows, one for each message, with the idempotency claims by which a repetition is recognised and
the audit row of each message.

The column `held` is true while the events of the message are deferred.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from router.store import log
from router.store.hmac_keys import TURNED, WRITES, KeyTurned
from router.store.quarantine import KEY_TAKEN
from router.store.sql import Connection, Row, Sql

OFFERED = """
    SELECT p AS partner, k AS key, h AS body_hmac, m AS message_id, l AS lifetime
    FROM unnest(CAST(:claimants AS text[]), CAST(:keys AS bytea[]), CAST(:hmacs AS bytea[]),
                CAST(:claiming AS uuid[]), CAST(:lifetimes AS interval[])) AS r(p, k, h, m, l)
"""
"""Query that returns the claims on idempotency keys, given as bind parameters (`values_of_claims`), as
rows."""
CLAIMED = f"""
    INSERT INTO idempotency_key AS k (partner, key, body_hmac, message_id, expires_at)
    SELECT partner, key, body_hmac, message_id, now() + lifetime FROM offered WHERE {WRITES} ORDER BY partner, key
    ON CONFLICT (partner, key) DO UPDATE
        SET body_hmac = excluded.body_hmac, message_id = excluded.message_id, row = NULL,
            expires_at = excluded.expires_at
        WHERE k.expires_at < now()
    RETURNING partner, key, message_id
"""
"""Statement that claims the free keys of a query named `offered`; no key is claimed if the HMAC key was
replaced."""
REPLACED = f"""
    UPDATE quarantine q SET etat = 'rejouee', job_id = NULL, replayed_as = c.message_id, settled_at = now()
    FROM claimed c JOIN inbox i ON i.partner = c.partner AND i.key = c.key
    WHERE c.message_id = ANY(CAST(:replacing AS uuid[])) AND q.message_id = i.id AND q.etat = 'ouverte'
      AND q.cause <> '{KEY_TAKEN}'
"""
"""Statement that settles refused messages in quarantine if a query named `claimed` has now claimed their
idempotency keys."""
_CLAIM_KEYS = Sql(f"""
    WITH offered AS ({OFFERED}), claimed AS ({CLAIMED}), replaced AS ({REPLACED})
    SELECT message_id FROM claimed UNION ALL SELECT NULL WHERE {TURNED}
""")
_CLAIMANTS = Sql("""
    SELECT k.partner, k.key, k.body_hmac, i.id, i.etat, i.accepted, i.rejections, i.warnings, i.received_at
    FROM unnest(CAST(:partners AS text[]), CAST(:keys AS bytea[])) AS r(partner, key)
    JOIN idempotency_key k USING (partner, key) JOIN inbox i ON i.id = k.message_id
    WHERE k.expires_at >= now()
""")
_CLAIM_ROWS = Sql(f"""
    WITH claimed AS (
        INSERT INTO idempotency_key AS k (partner, key, body_hmac, message_id, row, expires_at)
        SELECT p, k, h, m, n, now() + l
        FROM unnest(CAST(:partners AS text[]), CAST(:keys AS bytea[]), CAST(:hmacs AS bytea[]),
                    CAST(:messages AS uuid[]), CAST(:rows AS int[]), CAST(:lifetimes AS interval[]))
            AS r(p, k, h, m, n, l)
        WHERE {WRITES} ORDER BY p, k
        ON CONFLICT (partner, key) DO UPDATE
            SET body_hmac = excluded.body_hmac, message_id = excluded.message_id, row = excluded.row,
                expires_at = excluded.expires_at
            WHERE k.expires_at < now()
        RETURNING partner, key
    )
    SELECT partner, key FROM claimed UNION ALL SELECT NULL, NULL WHERE {TURNED}
""")
_KNOWN = Sql("""
    SELECT partner, key FROM unnest(CAST(:partners AS text[]), CAST(:keys AS bytea[])) AS r(partner, key)
    WHERE EXISTS (SELECT FROM idempotency_key k
                  WHERE k.partner = r.partner AND k.key = r.key AND k.expires_at >= now())
       OR EXISTS (SELECT FROM inbox i WHERE i.partner = r.partner AND i.key = r.key)
""")
_CONTENTS = Sql("""
    SELECT k.partner, k.key, k.body_hmac
    FROM unnest(CAST(:partners AS text[]), CAST(:keys AS bytea[])) AS r(partner, key)
    JOIN idempotency_key k USING (partner, key)
""")
MESSAGES = """
    SELECT * FROM unnest(
        CAST(:messages AS uuid[]), CAST(:senders AS text[]), CAST(:dialects AS text[]), CAST(:media_types AS text[]),
        CAST(:filenames AS bytea[]), CAST(:etats AS text[]), CAST(:raws AS bytea[]), CAST(:accepted AS int[]),
        CAST(:rejected AS int[]), CAST(:rejections AS text[]), CAST(:deferred AS boolean[]),
        CAST(:keyless AS boolean[]), CAST(:warnings AS text[]), CAST(:nonces AS bytea[]), CAST(:digests AS text[])
    ) AS r(id, partner, dialect, media_type, filename, etat, raw, accepted, rejected, rejections, held, keyless,
           warnings, nonce, digest)
"""
"""Query that returns the messages given as bind parameters (`values_of`) as rows."""
AUDITED = """
    INSERT INTO audit (actor, action, object, detail)
    SELECT partner, 'message.' || etat, CAST(id AS text),
           jsonb_build_object('acceptes', accepted, 'rejetes', rejected, 'dialecte', dialect, 'empreinte', digest)
    FROM messages
"""
"""Statement that writes an audit row for each message of a query named `messages`."""
INSERTED = """
    INSERT INTO inbox (id, partner, dialect, media_type, filename, etat, raw, accepted, rejected, rejections,
                       received_at, held, keyless, warnings, nonce)
    SELECT id, partner, dialect, media_type, filename, etat, raw, accepted, rejected, CAST(rejections AS jsonb),
           clock_timestamp(), held, keyless, CAST(warnings AS jsonb), nonce
    FROM messages
"""
"""Statement that stores the messages of a query named `messages`. The time is PostgreSQL's, because the
clocks of gateways may differ."""
_INSERT = Sql(f"WITH messages AS ({MESSAGES}), audited AS ({AUDITED}) {INSERTED}")
UNDER_WAY = "(etat = 'en_cours' OR held)"
"""Condition on a message that is still being decoded, or whose events are deferred."""
_BUSY = Sql(
    f"SELECT DISTINCT partner FROM inbox WHERE {UNDER_WAY} AND partner = ANY(CAST(:partners AS text[]))"
)
_KEEP_KEYS = Sql("""
    UPDATE inbox SET key = r.key FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS bytea[])) AS r(id, key)
    WHERE inbox.id = r.id
""")
_HELD_BY = """
    SELECT partner, key FROM idempotency_key WHERE partner = :partner AND message_id = :id {}
    ORDER BY partner, key FOR UPDATE
"""
"""Query that locks the claims of a message, in the order in which claims are made. It reads its sender's claims only:
they have no index by message, which every claim would have to pay for."""
_RELEASE_KEY = Sql(f"""
    WITH held AS ({_HELD_BY.format("")}),
         given AS (DELETE FROM idempotency_key k USING held
                   WHERE k.partner = held.partner AND k.key = held.key RETURNING k.key, k.row)
    UPDATE inbox SET key = given.key FROM given WHERE id = :id AND given.row IS NULL
""")
_RELEASE = Sql("""
    WITH released AS (
        UPDATE inbox SET held = false WHERE held AND id = ANY(CAST(:messages AS uuid[])) RETURNING id, received_at
    )
    SELECT id FROM released ORDER BY received_at
""")
_SHORTEN = Sql(f"""
    WITH held AS ({_HELD_BY.format("AND key = ANY(CAST(:keys AS bytea[]))")})
    UPDATE idempotency_key k SET expires_at = now() + CAST(:lifetime AS interval) FROM held
    WHERE k.partner = held.partner AND k.key = held.key
""")
_FATE = Sql("""
    SELECT id, partner, dialect, etat, accepted, rejected, rejections, warnings, rows_done, received_at,
           octet_length(raw) > 0 AS has_bytes
    FROM inbox WHERE id = :id AND (CAST(:partner AS text) IS NULL OR partner = :partner)
""")
_KEEP_ROWS_TO_MEND = Sql("""
    UPDATE inbox SET raw = :raw, filename = :filename, media_type = :media_type
    WHERE id = :id AND etat = 'partiel' AND coalesce(raw, '') = ''
""")
_KEPT = Sql(f"""
    SELECT id, partner, dialect, media_type, filename, raw, key,
           rejections @> jsonb_build_array(jsonb_build_object('code', '{KEY_TAKEN}')) AS key_taken
    FROM inbox WHERE id = :id
""")
_SWEEP_KEYS = Sql("""
    WITH swept AS (
        DELETE FROM idempotency_key WHERE ctid IN (
            SELECT ctid FROM idempotency_key WHERE expires_at < now() - interval '1 hour'
            LIMIT 10000 FOR UPDATE SKIP LOCKED)
        RETURNING 1
    )
    SELECT count(*) = 10000 AS more FROM swept
""")


class KeyClaim(NamedTuple):
    """Idempotency claim of one message: the HMAC of its sender's key, or of the content if there is no
    key."""

    partner: str
    key: bytes
    body_hmac: bytes
    message_id: UUID
    lifetime: timedelta
    replaces: bool
    """True if the claim settles a message that was refused under its key, now that the message came again."""

    @property
    def pair(self) -> tuple[str, bytes]:
        """Return the (partner, key) pair, which only one message may claim."""
        return self.partner, self.key


class RowClaim(NamedTuple):
    """Claim on the sender's own id of one event, with HMACs of the id and of the event's content."""

    partner: str
    key: bytes
    content_hmac: bytes
    message_id: UUID
    row: int
    lifetime: timedelta

    @property
    def pair(self) -> tuple[str, bytes]:
        """Return the (partner, key) pair, which only one event may claim."""
        return self.partner, self.key


class Claimant(NamedTuple):
    """Message that already has the claim on an idempotency key."""

    body_hmac: bytes
    message_id: UUID
    etat: str
    accepted: int
    rejections: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    received_at: datetime


class InboxRow(NamedTuple):
    """Message as it is stored. `raw` (its bytes) and `filename` are sealed; `raw` is None if no bytes are
    stored."""

    id: UUID
    partner: str
    dialect: str
    media_type: str
    filename: bytes | None
    etat: str
    raw: bytes | None
    accepted: int
    rejected: int
    rejections: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    deferred: bool
    """True if the events of the message are not pending yet: they wait behind a large message of its sender,
    or until all rows of the message are read."""
    keyless: bool
    """True if the message has no key of its sender. Then no row that needs such a key is accepted."""
    nonce: bytes | None
    """Nonce of the message's receipt, sealed; None if the message has no receipt."""
    digest: str | None
    """SHA-256 of the nonce and the exact bytes of the message, in hex; None if the message has no receipt."""


async def claim_keys(connection: Connection, writer: bytes, claims: Sequence[KeyClaim]) -> set[UUID]:
    """Claim idempotency keys, all different, each for one message.

    Return the messages whose claim succeeded; a claim fails if its key is already claimed. Waits for other
    transactions on the same key. A claim that `replaces` settles the message refused under its key. Raises
    KeyTurned if the HMAC key identified by `writer` was replaced.
    """
    claimed = await _CLAIM_KEYS.column(connection, **values_of_claims(writer, claims))
    if None in claimed:
        raise KeyTurned
    return set(claimed)


def values_of_claims(writer: bytes, claims: Sequence[KeyClaim]) -> dict[str, object]:
    """Return the bind parameters of `OFFERED`, `CLAIMED` and `REPLACED` for these claims."""
    return {
        "writer": writer,
        "claimants": [c.partner for c in claims],
        "keys": [c.key for c in claims],
        "hmacs": [c.body_hmac for c in claims],
        "claiming": [c.message_id for c in claims],
        "lifetimes": [c.lifetime for c in claims],
        "replacing": [c.message_id for c in claims if c.replaces],
    }


async def claimants_of(
    connection: Connection, keys: Sequence[tuple[str, bytes]]
) -> dict[tuple[str, bytes], Claimant]:
    """Return, by (partner, key) pair, the message that has claimed the idempotency key."""
    rows = await _CLAIMANTS.all(
        connection, partners=[partner for partner, _ in keys], keys=[key for _, key in keys]
    )
    return {
        (r.partner, r.key): Claimant(
            r.body_hmac, r.id, r.etat, r.accepted, r.rejections, r.warnings, r.received_at
        )
        for r in rows
    }


async def known(connection: Connection, keys: Collection[tuple[str, bytes]]) -> set[tuple[str, bytes]]:
    """Return the (partner, key) pairs among `keys` that are claimed, or under which a message was refused."""
    partners, hmacs = [partner for partner, _ in keys], [key for _, key in keys]
    return {(row.partner, row.key) for row in await _KNOWN.all(connection, partners=partners, keys=hmacs)}


async def claim_rows(
    connection: Connection, writer: bytes, claims: Sequence[RowClaim]
) -> set[tuple[str, bytes]]:
    """Claim senders' own ids of events, all different. Return the (partner, key) pairs that were free. Waits
    for other transactions on the same id. Raises KeyTurned if the HMAC key identified by `writer` was
    replaced."""
    rows = await _CLAIM_ROWS.all(
        connection,
        writer=writer,
        partners=[c.partner for c in claims],
        keys=[c.key for c in claims],
        hmacs=[c.content_hmac for c in claims],
        messages=[c.message_id for c in claims],
        rows=[c.row for c in claims],
        lifetimes=[c.lifetime for c in claims],
    )
    if any(row.key is None for row in rows):
        raise KeyTurned
    return {(row.partner, row.key) for row in rows}


async def contents_of(
    connection: Connection, keys: Sequence[tuple[str, bytes]]
) -> dict[tuple[str, bytes], bytes]:
    """Return the HMAC of the content claimed under each of these (partner, key) pairs."""
    if not keys:
        return {}
    rows = await _CONTENTS.all(
        connection, partners=[partner for partner, _ in keys], keys=[key for _, key in keys]
    )
    return {(row.partner, row.key): row.body_hmac for row in rows}


async def busy(connection: Connection, partners: Collection[str]) -> set[str]:
    """Return the partners among `partners` that have a message under way: a message that is still being
    decoded, or one that waits behind such a message."""
    return set(await _BUSY.column(connection, partners=list(partners)))


async def make_pending(connection: Connection, messages: Collection[UUID]) -> int:
    """Make the deferred events of these messages pending, in the order in which the messages were received.
    Return the number of messages.

    A message that another process has handled already is left alone, because its events may be applied by
    now.
    """
    released = await _RELEASE.column(connection, messages=list(messages))
    for message in released:
        await log.make_message_pending(connection, message)
    return len(released)


async def release_key(connection: Connection, partner: str, message: UUID) -> None:
    """End the claims of a partner's message that is refused after it was accepted for decoding, and store its key,
    for a corrected message to claim."""
    await _RELEASE_KEY.run(connection, partner=partner, id=message)


async def keep_keys(connection: Connection, refused: Mapping[UUID, bytes]) -> None:
    """Store the idempotency keys of refused messages. A refused message claims no key; its replay claims the
    stored key."""
    if refused:
        await _KEEP_KEYS.run(connection, ids=list(refused), keys=list(refused.values()))


async def shorten(
    connection: Connection, partner: str, message: UUID, keys: Sequence[bytes], lifetime: timedelta
) -> None:
    """Let the claims of a partner's message on these keys end `lifetime` from now."""
    await _SHORTEN.run(connection, partner=partner, id=message, keys=list(keys), lifetime=lifetime)


async def insert(connection: Connection, messages: Sequence[InboxRow]) -> None:
    """Store messages, and an audit row for each."""
    await _INSERT.run(connection, **values_of(messages))


def values_of(messages: Sequence[InboxRow]) -> dict[str, object]:
    """Return the bind parameters of the query `MESSAGES` for these messages."""
    return {
        "messages": [m.id for m in messages],
        "senders": [m.partner for m in messages],
        "dialects": [m.dialect for m in messages],
        "media_types": [m.media_type for m in messages],
        "filenames": [m.filename for m in messages],
        "etats": [m.etat for m in messages],
        "raws": [m.raw for m in messages],
        "accepted": [m.accepted for m in messages],
        "rejected": [m.rejected for m in messages],
        "rejections": [to_json(m.rejections).decode() for m in messages],
        "deferred": [m.deferred for m in messages],
        "keyless": [m.keyless for m in messages],
        "warnings": [to_json(m.warnings).decode() for m in messages],
        "nonces": [m.nonce for m in messages],
        "digests": [m.digest for m in messages],
    }


async def fate(connection: Connection, message: UUID, partner: str | None = None) -> Row | None:
    """Return the state and the row counts of a message; None if there is no such message. With `partner`,
    return None also for a message of another partner."""
    return await _FATE.first(connection, id=message, partner=partner)


async def keep_rows_to_mend(
    connection: Connection, message: UUID, raw: bytes, filename: bytes, media_type: str
) -> None:
    """Store a sealed file with the rejected rows of a partly accepted message, unless one is stored
    already."""
    await _KEEP_ROWS_TO_MEND.run(connection, id=message, raw=raw, filename=filename, media_type=media_type)


async def kept(connection: Connection, message: UUID) -> Row:
    """Return a refused message as it was sent, sealed, with its key. `key_taken` is true if it was refused
    because another message held the key."""
    return await _KEPT.one(connection, id=message)


async def sweep_keys(connection: Connection) -> bool:
    """Delete some thousands of the claims that ended more than an hour ago, except locked ones. Return
    whether there may be more."""
    return bool((await _SWEEP_KEYS.one(connection)).more)
