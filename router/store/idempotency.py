"""Store the idempotency claims of messages and events, by which repetitions are recognised."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from router.store.hmac_keys import TURNED, WRITES, KeyTurned
from router.store.quarantine import KEY_TAKEN
from router.store.sql import Connection, Sql

OFFERED = """
    SELECT p AS partner, k AS key, h AS body_hmac, m AS message_id, l AS lifetime
    FROM unnest(CAST(:claimants AS text[]), CAST(:keys AS bytea[]), CAST(:hmacs AS bytea[]),
                CAST(:claiming AS uuid[]), CAST(:lifetimes AS interval[])) AS r(p, k, h, m, l)
"""
"""Query that makes one row of each claim. Its parameters are arrays: `values_of_claims` returns them."""
CLAIMED = f"""
    INSERT INTO idempotency_key AS k (partner, key, body_hmac, message_id, expires_at)
    SELECT partner, key, body_hmac, message_id, now() + lifetime FROM offered WHERE {WRITES} ORDER BY partner, key
    ON CONFLICT (partner, key) DO UPDATE
        SET body_hmac = excluded.body_hmac, message_id = excluded.message_id, row = NULL,
            expires_at = excluded.expires_at
        WHERE k.expires_at < now()
    RETURNING partner, key, message_id
"""
"""Statement that claims those keys of the query `offered` that have no valid claim, and returns the keys that
it claimed. It claims none if the HMAC key was replaced."""
REPLACED = f"""
    UPDATE quarantine q SET etat = 'rejouee', job_id = NULL, replayed_as = c.message_id, settled_at = now()
    FROM claimed c JOIN inbox i ON i.partner = c.partner AND i.key = c.key
    WHERE c.message_id = ANY(CAST(:replacing AS uuid[])) AND q.message_id = i.id AND q.etat = 'ouverte'
      AND q.cause <> '{KEY_TAKEN}'
"""
"""Statement that marks a refused message in quarantine as replayed, if one of the new messages `:replacing` has
claimed the same idempotency key in the query `claimed`. A message that was refused because its key was taken is
not marked."""
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
    WHERE k.message_id = ANY(CAST(:messages AS uuid[]))
       OR NOT EXISTS (SELECT FROM inbox i WHERE i.id = k.message_id AND i.etat = 'en_cours' AND i.held)
""")
_IN_VAIN = Sql("""
    SELECT k.partner, k.key
    FROM unnest(CAST(:partners AS text[]), CAST(:keys AS bytea[])) AS r(partner, key)
    JOIN idempotency_key k USING (partner, key)
    JOIN event e ON e.correlation = k.message_id AND e.message_row = k.row AND e.source = k.partner
    JOIN outcome o ON o.event_id = e.id AND o.kind = 'sans_effet'
""")
# The keys are locked in the order in which they are claimed. All keys of the sender are read, because there
# is no index by message. A further condition takes the place of `{}`.
_HELD_BY = """
    SELECT partner, key FROM idempotency_key WHERE partner = :partner AND message_id = :id {}
    ORDER BY partner, key FOR UPDATE
"""
_RELEASE_CLAIMS = Sql(f"""
    WITH held AS ({_HELD_BY.format("")}),
         given AS (DELETE FROM idempotency_key k USING held
                   WHERE k.partner = held.partner AND k.key = held.key RETURNING k.key, k.row)
    UPDATE inbox SET key = given.key FROM given WHERE id = :id AND given.row IS NULL
""")
_SHORTEN = Sql(f"""
    WITH held AS ({_HELD_BY.format("AND key = ANY(CAST(:keys AS bytea[]))")})
    UPDATE idempotency_key k SET expires_at = now() + CAST(:lifetime AS interval) FROM held
    WHERE k.partner = held.partner AND k.key = held.key
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


Key: TypeAlias = tuple[str, bytes]
"""Partner, and the fingerprint of an idempotency key or event id that it gave."""


class Claim(NamedTuple):
    """Claim of a message or event on an idempotency key."""

    key: Key
    content_hmac: bytes
    """Fingerprint of the event's content if the key is an event id, else of the message's body. Only equal
    content is a repetition."""
    message_id: UUID
    lifetime: timedelta
    row: int = 0
    """Number of the event's row in the message. 0 if the whole message claims the key."""
    replaces: bool = False
    """True if the claim also marks as replayed the message in quarantine that was refused under the same key.
    False for the claim of a replay, because the replay job marks the message itself."""
    body_hmac: bytes | None = None
    """Fingerprint of the message's body. None for an event."""


class Claimant(NamedTuple):
    """Message that has claimed an idempotency key, for itself or for one of its events."""

    body_hmac: bytes
    message_id: UUID
    etat: str
    accepted: int
    rejections: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    received_at: datetime


async def claim_keys(connection: Connection, writer: bytes, claims: Sequence[Claim]) -> set[UUID]:
    """Claim idempotency keys for messages. No two `claims` may have the same key. Return the ids of the
    messages that got their key. Waits for other transactions that claim these keys. Raises KeyTurned if the
    HMAC key with the mark `writer` was replaced."""
    claimed = await _CLAIM_KEYS.column(connection, **values_of_claims(writer, claims))
    if None in claimed:
        raise KeyTurned
    return set(claimed)


def values_of_claims(writer: bytes, claims: Sequence[Claim]) -> dict[str, object]:
    """Return the parameters of the queries `OFFERED`, `CLAIMED` and `REPLACED`, which store these claims.
    `writer` is the mark of the HMAC key."""
    return {
        "writer": writer,
        "claimants": [c.key[0] for c in claims],
        "keys": [c.key[1] for c in claims],
        "hmacs": [c.content_hmac for c in claims],
        "claiming": [c.message_id for c in claims],
        "lifetimes": [c.lifetime for c in claims],
        "replacing": [c.message_id for c in claims if c.replaces],
    }


async def claimants_of(connection: Connection, keys: Sequence[Key]) -> dict[Key, Claimant]:
    """Return, by key, the message that has claimed the key, for itself or for one of its events. Keys without a
    valid claim are left out."""
    rows = await _CLAIMANTS.all(connection, **_columns(keys))
    return {
        (r.partner, r.key): Claimant(
            r.body_hmac, r.id, r.etat, r.accepted, r.rejections, r.warnings, r.received_at
        )
        for r in rows
    }


async def known(connection: Connection, keys: Collection[Key]) -> set[Key]:
    """Return the keys that are claimed, or under which a message was refused."""
    return {(row.partner, row.key) for row in await _KNOWN.all(connection, **_columns(keys))}


async def claim_rows(connection: Connection, writer: bytes, claims: Sequence[Claim]) -> set[Key]:
    """Claim idempotency keys that are made of event ids. No two `claims` may have the same key. Return the
    keys that were free. Waits for transactions that claim the same keys. Raises KeyTurned if the HMAC key
    with the mark `writer` was replaced."""
    rows = await _CLAIM_ROWS.all(
        connection,
        writer=writer,
        **_columns([c.key for c in claims]),
        hmacs=[c.content_hmac for c in claims],
        messages=[c.message_id for c in claims],
        rows=[c.row for c in claims],
        lifetimes=[c.lifetime for c in claims],
    )
    if any(row.key is None for row in rows):
        raise KeyTurned
    return {(row.partner, row.key) for row in rows}


async def in_vain(connection: Connection, keys: Sequence[Key]) -> set[Key]:
    """Return the idempotency keys in `keys` whose event had no effect. The hub had accepted the event under
    the key, but the event changed nothing when it was applied."""
    return {(row.partner, row.key) for row in await _IN_VAIN.all(connection, **_columns(keys))}


async def contents_of(
    connection: Connection, keys: Sequence[Key], messages: Collection[UUID] = ()
) -> dict[Key, bytes]:
    """Return, by key, the fingerprint of the content for which the key was claimed. Keys that no message has
    claimed are left out.

    Keys claimed by a large all-or-nothing message that is still being decoded are left out too, unless this
    message is in `messages`: if the hub refuses such a message, its claims are deleted."""
    if not keys:
        return {}
    rows = await _CONTENTS.all(connection, **_columns(keys), messages=list(messages))
    return {(row.partner, row.key): row.body_hmac for row in rows}


def _columns(keys: Collection[Key]) -> dict[str, object]:
    return {"partners": [partner for partner, _ in keys], "keys": [hmac for _, hmac in keys]}


async def release_claims(connection: Connection, partner: str, message: UUID) -> None:
    """Delete all claims of a message that was refused after the hub had answered 202, so that a corrected
    message may claim the same keys."""
    await _RELEASE_CLAIMS.run(connection, partner=partner, id=message)


async def shorten(
    connection: Connection, partner: str, message: UUID, keys: Sequence[bytes], lifetime: timedelta
) -> None:
    """Let a message's claims on these keys expire `lifetime` from now, instead of at the time that was set
    before."""
    await _SHORTEN.run(connection, partner=partner, id=message, keys=list(keys), lifetime=lifetime)


async def sweep_keys(connection: Connection) -> bool:
    """Delete up to 10,000 claims that expired more than an hour ago. Return True if there may be more."""
    return bool((await _SWEEP_KEYS.one(connection)).more)
