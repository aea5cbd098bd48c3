"""Store the audit: who did what to which object. A chain of hashes reveals any later change of a row.

Details have ids and counts, never personal values. Rows are never changed. Within seconds, new rows are bound
into a link: a hash of these rows and of all earlier links. A head is the hash of the last link, signed.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
from pydantic_core import to_json

from router.domain.audit_chain import BEGINNING, AuditRow, Link
from router.store.sql import Connection, Row, Sql

LINK_ROWS = 1000
"""Largest number of rows in one link."""
PAGE_LINKS = 100
READ = "bureau.lire"
"""Audit action which says that a person of a partner has read messages in the console."""
SETTINGS = (
    "base.migrer",
    "base.reprendre",
    "cle.preparer",
    "cle.retirer",
    "cle.tourner",
    "compte.facteur",
    "compte.inviter",
    "compte.retirer",
    "import.commencer",
    "lecture.reprendre",
    "partenaire.changer",
    "partenaires.appliquer",
    "protection.nommer",
    "protection.retirer",
    "territoires.fusionner",
)
"""Audit actions that change how the hub works: its registry, keys, accounts and tables. All other actions are
daily work. The index `audit_settings` has the rows of exactly these actions."""

_AT_ONE_MOMENT = Sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_RECORD = Sql("""
    INSERT INTO audit (actor, action, object, detail) VALUES (:actor, :action, :object, CAST(:detail AS jsonb))
""")
# The rows are found by id. A join would read the whole audit.
_TAKE_QUEUED = Sql("""
    WITH taken AS (
        DELETE FROM audit_queue WHERE audit_id IN (SELECT audit_id FROM audit_queue ORDER BY audit_id LIMIT :most)
        RETURNING audit_id
    )
    SELECT id, at, actor, action, object, detail FROM audit
    WHERE id = ANY(ARRAY(SELECT audit_id FROM taken)) ORDER BY id
""")
_KEEP_HEAD = Sql("""
    INSERT INTO audit_head (number, at, since, line) VALUES (:number, :at, :since, :line)
""")
_LAST = Sql("SELECT number, hash FROM audit_link ORDER BY number DESC LIMIT 1")
_HASHES = Sql("""
    SELECT number, hash FROM audit_link WHERE number > :after AND number <= :until ORDER BY number
""")
_HASH = Sql("SELECT hash FROM audit_link WHERE number = :number")
_ADD = Sql("""
    INSERT INTO audit_link (number, previous, ids, digests, hash)
    VALUES (:rank, :previous, CAST(:ids AS bigint[]), :digests, :hash)
""")
_LINKS = Sql("""
    SELECT number, previous, ids, digests, hash FROM audit_link WHERE number > :after ORDER BY number LIMIT :most
""")
_ROWS = Sql("""
    SELECT id, at, actor, action, object, detail FROM audit WHERE id = ANY(CAST(:ids AS bigint[]))
""")
_UNBOUND = Sql("""
    SELECT id FROM audit EXCEPT SELECT unnest(ids) FROM audit_link EXCEPT SELECT audit_id FROM audit_queue
    ORDER BY id LIMIT :most
""")
_UNSIGNED = Sql("""
    SELECT COALESCE((SELECT hash FROM audit_link WHERE number = :rank), :beginning) = :hash AS continues,
           least((SELECT at FROM audit_link WHERE number > :rank ORDER BY number LIMIT 1),
                 (SELECT at FROM audit WHERE id = (SELECT min(audit_id) FROM audit_queue))) AS since
""")
_WAITING = Sql("""
    SELECT count(*) AS number, min(at) AS since FROM audit_queue JOIN audit ON id = audit_id
""")
_MATCHES = """
    SELECT id, at, actor, action, object, detail FROM audit
    WHERE (CAST(:actor AS text) IS NULL OR actor = :actor)
      AND (CAST(:action AS text) IS NULL OR action LIKE CAST(:action AS text) || '%')
      AND (CAST(:object AS text) IS NULL OR object = :object)
      AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
      AND (CAST(:before AS bigint) IS NULL OR id < :before)
"""
_NEWEST = "ORDER BY id DESC LIMIT :most"
_SEARCH = Sql(_MATCHES + _NEWEST)
# This search has an index of its own: there may be a million rows of messages between two actions of people.
_SEARCH_PEOPLE = Sql(f"{_MATCHES} AND action NOT LIKE 'message.%' {_NEWEST}")
_SEARCH_SETTINGS = Sql(f"{_MATCHES} AND action IN {SETTINGS} {_NEWEST}")
_CHANGES = Sql(f"""
    WITH newest AS MATERIALIZED (
        SELECT id, at, actor, action, object FROM audit WHERE action IN {SETTINGS}
        ORDER BY id DESC LIMIT CAST(:scanned AS bigint)
    )
    SELECT at, actor, action, object, others, (SELECT count(*) FROM newest) AS scanned FROM (
        SELECT DISTINCT ON (actor, at) id, at, actor, action, object,
               count(*) OVER (PARTITION BY actor, at, action) - 1 AS others
        FROM newest ORDER BY actor, at, id DESC
    ) AS act ORDER BY id DESC LIMIT CAST(:most AS bigint)
""")
_RECOVERED_AT = Sql("SELECT at FROM audit WHERE action = 'base.reprendre' ORDER BY id DESC LIMIT 1")
_TAKEN_BACK = Sql("""
    SELECT id, at, actor, action, object, detail FROM audit
    WHERE action NOT LIKE 'message.%' AND action = 'partenaire.changer' AND detail -> 'cles_api' -> 0 ? :key
    ORDER BY id DESC LIMIT 1
""")


class AnotherBinds(Exception):
    """Raised when another process has already added to the audit's chain the link that this process was about
    to add."""


class End(NamedTuple):
    """Rank and hash of the last link in the audit's chain. The first link has the rank 1. Rank 0 means that
    there is no link."""

    rank: int
    hash: bytes


class Unsigned(NamedTuple):
    """Comparison of the audit with its newest signed head. `continues` says whether the audit still has,
    unchanged, the last link that the head covers. `since` is the time of the first link after the head, or of
    the oldest row that waits for a link, whichever is earlier. It is None if there is neither."""

    continues: bool
    since: datetime | None


class SettingsChange(NamedTuple):
    """Change of settings made by one transaction. If the transaction wrote several audit rows, `at`, `actor`,
    `action` and `object` are those of the last row."""

    at: datetime
    actor: str
    action: str
    object: str
    others: int
    """Further audit rows of the transaction with the same action."""
    scanned: int
    """Audit rows that the whole search read."""


class Wanted(NamedTuple):
    """Conditions of a search in the audit; None accepts any value. `action` is the beginning of an action's
    name. `people` leaves out rows about partners' messages. `settings` keeps only changes of the registry, keys
    and the like."""

    actor: str | None = None
    action: str | None = None
    object: str | None = None
    since: datetime | None = None
    people: bool = False
    settings: bool = False
    before: int | None = None
    """Id of the last row of the previous page."""


async def record(
    connection: Connection, actor: str, action: str, target: str, detail: Mapping[str, object]
) -> None:
    """Add a row to the audit: `actor` does `action` to `target`. Call this in the transaction of the action."""
    parameters = {"actor": actor, "action": action, "object": target, "detail": to_json(detail).decode()}
    await _RECORD.run(connection, **parameters)


async def bind(connection: Connection) -> int:
    """Add a link to the chain, for the oldest audit rows that wait for one (1,000 at most). Return how many
    rows it binds; 0 means that no row was waiting, and no link was added. Raises AnotherBinds if another
    process adds a link at the same time: the transaction is then aborted."""
    rows = await _TAKE_QUEUED.all(connection, most=LINK_ROWS)
    if not rows:
        return 0
    last = await end(connection)
    link = Link.after(last.rank + 1, last.hash, [_entry(row) for row in rows])
    try:
        await _ADD.run(connection, **link._asdict())
    except asyncpg.UniqueViolationError as exc:
        raise AnotherBinds from exc
    return len(rows)


async def at_one_moment(connection: Connection) -> None:
    """Make this transaction read-only, and let all its statements see the same state of the database. Call
    this before any other statement."""
    await _AT_ONE_MOMENT.run(connection)


async def end(connection: Connection) -> End:
    """Return the rank and hash of the last link. Without any link, return rank 0 and `BEGINNING`, which the
    first link names as its previous hash."""
    row = await _LAST.first(connection)
    return End(row.number, row.hash) if row else End(0, BEGINNING)


async def keep_head(connection: Connection, rank: int, at: datetime, since: int, line: str) -> None:
    """Store a copy of a signed head, for signed receipts. `line` is the head as JSON, made at `at`. The head
    covers the links above the rank `since`, up to the rank `rank`."""
    await _KEEP_HEAD.run(connection, number=rank, at=at, since=since, line=line)


async def hashes(connection: Connection, after: int, until: int) -> list[bytes]:
    """Return the hashes of the links above the rank `after` up to the rank `until`, in order."""
    return [bytes(row.hash) for row in await _HASHES.all(connection, after=after, until=until)]


async def hash_of(connection: Connection, rank: int) -> bytes | None:
    """Return the hash of the link at this rank, or None without such a link. Rank 0 gives `BEGINNING`, which
    the first link names as its previous hash."""
    if rank == 0:
        return BEGINNING
    row = await _HASH.first(connection, number=rank)
    return bytes(row.hash) if row else None


async def links(connection: Connection) -> AsyncIterator[tuple[Link, Mapping[int, AuditRow]]]:
    """Yield the links of the chain in order. Each comes with those of its audit rows that still exist, by row
    id."""
    after = -1
    while page := await _LINKS.all(connection, after=after, most=PAGE_LINKS):
        for row in page:
            rows = await _ROWS.all(connection, ids=row.ids)
            yield (
                Link(row.number, row.previous, row.ids, row.digests, row.hash),
                {r.id: _entry(r) for r in rows},
            )
        after = page[-1].number


async def unbound(connection: Connection, most: int = 100) -> list[int]:
    """Return the ids of at most `most` audit rows that no link contains, and that do not wait for a link.
    Such rows show that somebody manipulated the audit."""
    return await _UNBOUND.column(connection, most=most)


async def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Return the number of audit rows that wait for a link, and the time of the oldest of these rows (None if
    no row waits)."""
    row = await _WAITING.one(connection)
    return row.number, row.since


async def unsigned(connection: Connection, rank: int, signed: bytes) -> Unsigned:
    """Compare the audit with its newest signed head. `rank` and `signed` are the rank and the hash of the
    last link that the head covers. Return whether the audit still has this link, and since when it has rows
    that the head does not cover."""
    return Unsigned(*await _UNSIGNED.one(connection, rank=rank, hash=signed, beginning=BEGINNING))


async def search(connection: Connection, wanted: Wanted, most: int) -> Sequence[AuditRow]:
    """Return at most `most` audit rows that match `wanted`, newest first."""
    conditions = wanted._asdict()
    people, settings = conditions.pop("people"), conditions.pop("settings")
    statement = _SEARCH_SETTINGS if settings else _SEARCH_PEOPLE if people else _SEARCH
    return [_entry(row) for row in await statement.all(connection, **conditions, most=most)]


async def changes(connection: Connection, most: int, scanned: int) -> list[SettingsChange]:
    """Return at most `most` changes of settings, newest first. Only the newest `scanned` audit rows about
    settings are searched."""
    return [SettingsChange(*row) for row in await _CHANGES.all(connection, most=most, scanned=scanned)]


async def recovered_at(connection: Connection) -> datetime | None:
    """Return when the hub last recovered what the database had lost by going back to an earlier moment.
    Return None if it never did."""
    row = await _RECOVERED_AT.first(connection)
    return row.at if row else None


async def taken_back(connection: Connection, key: str) -> AuditRow | None:
    """Return the newest audit row that records the removal of an API key, or None. `key` is the beginning of
    the key's hash."""
    row = await _TAKEN_BACK.first(connection, key=key)
    return _entry(row) if row else None


def _entry(row: Row) -> AuditRow:
    return AuditRow(row.id, row.at, row.actor, row.action, row.object, row.detail)
