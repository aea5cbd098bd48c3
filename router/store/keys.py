"""Data keys, wrapped under the master key, one a holder; which messages are about whom; who was heard of last when.

A holder is a household, a referral, a candidacy, a place, or one raw message. `committed` is false for a key that this
transaction has created, and that may still be undone.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_GET_OR_CREATE = Sql("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:holders AS uuid[]), CAST(:wrapped AS bytea[])) AS w(holder, wrapped)
    ), created AS (
        INSERT INTO holder_key (holder, wrapped) SELECT holder, wrapped FROM wanted ORDER BY holder
        ON CONFLICT (holder) DO NOTHING RETURNING holder, wrapped
    )
    SELECT holder, wrapped, false AS committed FROM created
    UNION ALL
    SELECT k.holder, k.wrapped, k.xmin <> CAST(pg_current_xact_id() AS xid)
    FROM holder_key k JOIN wanted USING (holder)
    WHERE NOT EXISTS (SELECT 1 FROM created c WHERE c.holder = k.holder)
""")
_LINK = Sql("""
    WITH linked AS (
        INSERT INTO key_link (titulaire, holder)
        SELECT * FROM unnest(CAST(:titulaires AS uuid[]), CAST(:holders AS uuid[]))
        ON CONFLICT DO NOTHING
    )
    INSERT INTO heard AS h (holder, at)
    SELECT DISTINCT t, now() FROM unnest(CAST(:titulaires AS uuid[])) AS t ORDER BY t
    ON CONFLICT (holder) DO UPDATE SET at = excluded.at
        WHERE h.holder = ANY(CAST(:heard AS uuid[])) AND h.at < now() - interval '1 day'
""")
_GET = Sql("""
    SELECT holder, wrapped, xmin IS DISTINCT FROM CAST(pg_current_xact_id_if_assigned() AS xid) AS committed
    FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[]))
""")
_SOME = Sql("""
    (SELECT holder, wrapped FROM holder_key ORDER BY holder LIMIT 8)
    UNION ALL (SELECT holder, wrapped FROM holder_key ORDER BY holder DESC LIMIT 8)
""")
_HOLDERS = Sql("""
    WITH named AS (
        SELECT CAST(:menage AS uuid) AS id UNION SELECT id FROM subject WHERE menage = :menage
    )
    SELECT id FROM named
    UNION SELECT holder FROM key_link JOIN named ON titulaire = named.id
""")
_DESTROY = Sql("""
    WITH silent AS (DELETE FROM heard WHERE holder = ANY(CAST(:holders AS uuid[])))
    DELETE FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[])) RETURNING holder
""")


async def get(connection: Connection, holders: Sequence[UUID]) -> Sequence[Row]:
    """(holder, wrapped, committed) of the keys that exist."""
    return await _GET.all(connection, holders=list(holders))


async def get_or_create(connection: Connection, fresh: Mapping[UUID, bytes]) -> Sequence[Row]:
    """(holder, wrapped, committed) of every key that exists; a holder without one gets the wrapped one given here. A
    key that another transaction commits meanwhile is missing: ask again."""
    return await _GET_OR_CREATE.all(connection, holders=list(fresh), wrapped=list(fresh.values()))


async def link(connection: Connection, pairs: Sequence[tuple[UUID, UUID]], heard: Collection[UUID]) -> None:
    """Remember for each (holder, message) that the message's own key goes when the holder is forgotten; and the day on
    which each holder was first cited, or last `heard` of."""
    titulaires, messages = [holder for holder, _ in pairs], [message for _, message in pairs]
    await _LINK.run(connection, titulaires=titulaires, holders=messages, heard=list(heard))


async def some(connection: Connection) -> Sequence[Row]:
    """(holder, wrapped) of a few keys, to try a master key on."""
    return await _SOME.all(connection)


async def holders_of(connection: Connection, menage: UUID) -> list[UUID]:
    """A household, its referrals and candidacies, and every raw message that holds one of them."""
    return await _HOLDERS.column(connection, menage=menage)


async def destroy(connection: Connection, holders: Sequence[UUID]) -> int:
    """Destroy keys: what is sealed under them can be read no more. Returns how many there were."""
    return len(await _DESTROY.all(connection, holders=list(holders)))
