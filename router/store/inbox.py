"""Store received messages, one row each, with their audit rows.

`held` is true while the message's events are deferred: stored, but not to be applied yet.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from router.store import log
from router.store.quarantine import KEY_TAKEN
from router.store.sql import Connection, Row, Sql

MESSAGES = """
    SELECT * FROM unnest(
        CAST(:messages AS uuid[]), CAST(:senders AS text[]), CAST(:dialects AS text[]), CAST(:media_types AS text[]),
        CAST(:filenames AS bytea[]), CAST(:etats AS text[]), CAST(:raws AS bytea[]), CAST(:accepted AS int[]),
        CAST(:rejected AS int[]), CAST(:rejections AS text[]), CAST(:deferred AS boolean[]),
        CAST(:keyless AS boolean[]), CAST(:warnings AS text[]), CAST(:nonces AS bytea[]), CAST(:digests AS text[])
    ) AS r(id, partner, dialect, media_type, filename, etat, raw, accepted, rejected, rejections, held, keyless,
           warnings, nonce, digest)
"""
"""Query that makes one row of each message. Its parameters are arrays: `values_of` returns them."""
AUDITED = """
    INSERT INTO audit (actor, action, object, detail)
    SELECT partner, 'message.' || etat, CAST(id AS text),
           jsonb_build_object('acceptes', accepted, 'rejetes', rejected, 'dialecte', dialect, 'empreinte', digest)
    FROM messages
"""
"""Statement that adds an audit row for each message in `messages`."""
INSERTED = """
    INSERT INTO inbox (id, partner, dialect, media_type, filename, etat, raw, accepted, rejected, rejections,
                       received_at, held, keyless, warnings, nonce)
    SELECT id, partner, dialect, media_type, filename, etat, raw, accepted, rejected, CAST(rejections AS jsonb),
           clock_timestamp(), held, keyless, CAST(warnings AS jsonb), nonce
    FROM messages
"""
"""Statement that stores the messages of the query `messages`, which comes earlier in the same WITH statement.
Their time of receipt is PostgreSQL's present time."""
_INSERT = Sql(f"WITH messages AS ({MESSAGES}), audited AS ({AUDITED}) {INSERTED}")
UNDER_WAY = "(etat = 'en_cours' OR held)"
"""SQL condition: the message is still being decoded, or its events are deferred."""
_BUSY = Sql(
    f"SELECT DISTINCT partner FROM inbox WHERE {UNDER_WAY} AND partner = ANY(CAST(:partners AS text[]))"
)
_KEEP_KEYS = Sql("""
    UPDATE inbox SET key = r.key FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS bytea[])) AS r(id, key)
    WHERE inbox.id = r.id
""")
_COUNT_REPEATED = Sql("""
    UPDATE inbox SET repeated = repeated + r.number
    FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS int[])) AS r(id, number) WHERE inbox.id = r.id
""")
_RELEASE = Sql("""
    WITH released AS (
        UPDATE inbox SET held = false WHERE held AND id = ANY(CAST(:messages AS uuid[])) RETURNING id, received_at
    )
    SELECT id FROM released ORDER BY received_at
""")
_FATE = Sql("""
    SELECT id, partner, dialect, etat, accepted, repeated, rejected, rejections, warnings, rows_done, received_at,
           octet_length(raw) > 0 AS has_bytes
    FROM inbox WHERE id = :id AND (CAST(:partner AS text) IS NULL OR partner = :partner)
""")
_KEEP_ROWS_TO_MEND = Sql("""
    UPDATE inbox SET raw = :raw, filename = :filename, media_type = :media_type
    WHERE id = :id AND etat = 'partiel' AND coalesce(raw, '') = ''
""")
_KEPT = Sql(f"""
    SELECT id, partner, dialect, media_type, filename, raw, key, received_at,
           rejections @> jsonb_build_array(jsonb_build_object('code', '{KEY_TAKEN}')) AS key_taken
    FROM inbox WHERE id = :id
""")


class InboxRow(NamedTuple):
    """Received message. `raw` (its bytes, if stored) and `filename` are encrypted."""

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
    """True if the message's events are deferred: the message waits behind a large one of its sender, or must be
    accepted whole and is not fully decoded."""
    keyless: bool
    """True if the sender gave no idempotency key. Rows of a large message that need a key are then
    rejected."""
    nonce: bytes | None
    """Nonce of the signed receipt, encrypted. None if the message has none."""
    digest: str | None
    """SHA-256 of nonce and bytes, in hexadecimal. None if the message has no signed receipt."""


async def busy(connection: Connection, partners: Collection[str]) -> set[str]:
    """Return the partners with a message that is still being decoded, or whose events are deferred."""
    return set(await _BUSY.column(connection, partners=list(partners)))


async def make_pending(connection: Connection, messages: Collection[UUID]) -> int:
    """Make the deferred events of these messages pending, in the order in which the hub received the messages.
    Return how many of the messages had deferred events."""
    released = await _RELEASE.column(connection, messages=list(messages))
    for message in released:
        await log.make_message_pending(connection, message)
    return len(released)


async def keep_keys(connection: Connection, refused: Mapping[UUID, bytes]) -> None:
    """Store with each refused message the fingerprint of its idempotency key, so that a replay of the message
    can claim the same key. `refused` has the fingerprints by message id."""
    if refused:
        await _KEEP_KEYS.run(connection, ids=list(refused), keys=list(refused.values()))


async def count_repeated(connection: Connection, numbers: Mapping[UUID, int]) -> None:
    """Increase, in stored messages, the number of accepted rows that repeat earlier events. `numbers` says by
    how much, by message id."""
    await _COUNT_REPEATED.run(connection, ids=list(numbers), numbers=list(numbers.values()))


async def insert(connection: Connection, messages: Sequence[InboxRow]) -> None:
    """Store messages, each with an audit row."""
    await _INSERT.run(connection, **values_of(messages))


def values_of(messages: Sequence[InboxRow]) -> dict[str, object]:
    """Return the parameters of `MESSAGES`, the query that makes one row of each message."""
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
    """Return a message's state, its rejections and the counts of its rows. Return None if the message is
    unknown, or if `partner` is given and is not the sender."""
    return await _FATE.first(connection, id=message, partner=partner)


async def keep_rows_to_mend(
    connection: Connection, message: UUID, raw: bytes, filename: bytes, media_type: str
) -> None:
    """Store the file with the rejected rows of a partly accepted message, unless one is stored already. `raw`
    and `filename` are encrypted."""
    await _KEEP_ROWS_TO_MEND.run(connection, id=message, raw=raw, filename=filename, media_type=media_type)


async def kept(connection: Connection, message: UUID) -> Row:
    """Return a refused message as it is stored, encrypted, with the fingerprint of its idempotency key. The
    row's `key_taken` is true if the message was refused because another message, with other content, had
    already claimed this key."""
    return await _KEPT.one(connection, id=message)
