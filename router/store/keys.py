"""Store data keys, encrypted with a master key. Also store which messages name each household, referral…, and
when the last message named it.

A data key belongs to a holder: a household, a referral, a candidacy, a place, or one message with its raw
bytes. In the rows returned, `committed` is false for a data key that this transaction has created.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_WRAPPING = "(SELECT id FROM wrapping_key ORDER BY at DESC LIMIT 1)"
WRAPS = f"CAST(:master AS bytea) = COALESCE({_WRAPPING}, :master)"
"""SQL condition: new data keys are still encrypted with the master key `:master`, because that key was not
replaced."""
FRESH = "SELECT * FROM unnest(CAST(:holders AS uuid[]), CAST(:wrapped AS bytea[])) AS w(holder, wrapped)"
"""Query that returns new data keys as rows. The data keys are parameters of the query."""
CREATED = f"""
    INSERT INTO holder_key (holder, wrapped, master)
    SELECT holder, wrapped, CAST(:master AS bytea) FROM fresh WHERE {WRAPS} ORDER BY holder
    ON CONFLICT (holder) DO NOTHING RETURNING holder, wrapped, master
"""
"""Statement that stores new data keys, which the query `fresh` returns. It stores nothing if the master key
that encrypts them was replaced."""
_GET_OR_CREATE = Sql(f"""
    WITH fresh AS ({FRESH}), created AS ({CREATED})
    SELECT holder, wrapped, master, false AS committed FROM created
    UNION ALL
    SELECT k.holder, k.wrapped, k.master, k.xmin <> CAST(pg_current_xact_id() AS xid)
    FROM holder_key k JOIN fresh USING (holder)
    WHERE NOT EXISTS (SELECT 1 FROM created c WHERE c.holder = k.holder)
""")
LINKS = (
    "SELECT * FROM unnest(CAST(:titulaires AS uuid[]), CAST(:linked_to AS uuid[])) AS l(titulaire, holder)"
)
"""Query that turns two arrays of equal length (the parameters) into rows. Each row says that the message
`holder` names the household, referral… `titulaire`."""
LINKED = "INSERT INTO key_link (titulaire, holder) SELECT titulaire, holder FROM links ON CONFLICT DO NOTHING"
"""Statement that stores in `key_link` which messages name a household, referral… It stores each pair
(household or referral…, message) of the query `links`. By these pairs, the hub finds the data keys of all
messages about a household."""
HEARD = """
    INSERT INTO heard AS h (holder, at)
    SELECT DISTINCT titulaire, now() FROM links ORDER BY titulaire
    ON CONFLICT (holder) DO UPDATE SET at = excluded.at
        WHERE h.holder = ANY(CAST(:named AS uuid[])) AND h.at < now() - interval '1 day'
"""
"""Statement that stores, for each household, referral… in the query `links`, when a message last named it.

If no moment is stored yet, the present moment is stored. A stored moment is replaced under two conditions: it
is older than a day, and its id is in `:named`.
"""
_LINK = Sql(f"WITH links AS ({LINKS}), linked AS ({LINKED}) {HEARD}")
FOUND = """
    SELECT holder, wrapped, master, xmin IS DISTINCT FROM CAST(pg_current_xact_id_if_assigned() AS xid) AS committed
    FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[]))
"""
"""Query that returns the data keys of the households, referrals… or messages in `:holders`."""
_GET = Sql(FOUND)
_HOLD = Sql(
    "SELECT holder FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[])) ORDER BY holder FOR KEY SHARE"
)
_LOCK = Sql("SELECT FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[])) ORDER BY holder FOR UPDATE")
_SOME = Sql("""
    (SELECT holder, wrapped, master FROM holder_key ORDER BY holder LIMIT 8)
    UNION ALL (SELECT holder, wrapped, master FROM holder_key ORDER BY holder DESC LIMIT 8)
""")
_HOLDERS = Sql("""
    WITH theirs AS (
        SELECT id, CAST(donnees ->> 'demande' AS uuid) AS demande FROM subject WHERE menage = :menage
    ), named AS (
        SELECT CAST(:menage AS uuid) AS id UNION SELECT id FROM theirs
        UNION SELECT demande FROM theirs WHERE NOT EXISTS (SELECT FROM subject s WHERE s.id = theirs.demande)
    )
    SELECT id FROM named
    UNION SELECT holder FROM key_link JOIN named ON titulaire = named.id
""")
_NAMED = Sql(f"SELECT {_WRAPPING} AS id")
_NO_CREATION = Sql("LOCK TABLE holder_key IN SHARE ROW EXCLUSIVE MODE")
_WRAP_WITH = Sql("INSERT INTO wrapping_key (id) VALUES (:master) ON CONFLICT (id) DO UPDATE SET at = now()")
_UNDER_ANOTHER = Sql("""
    SELECT holder, wrapped, master FROM holder_key
    WHERE (CAST(:after AS uuid) IS NULL OR holder > :after) AND master IS DISTINCT FROM CAST(:master AS bytea)
    ORDER BY holder LIMIT :most
""")
_REWRAP = Sql("""
    UPDATE holder_key k SET wrapped = w.fresh, master = CAST(:master AS bytea)
    FROM unnest(CAST(:holders AS uuid[]), CAST(:old AS bytea[]), CAST(:fresh AS bytea[])) AS w(holder, old, fresh)
    WHERE k.holder = w.holder AND k.wrapped = w.old
""")
_BY_MASTER = Sql("SELECT master, count(*) AS number FROM holder_key GROUP BY master")
_DESTROY = Sql("""
    WITH silent AS (DELETE FROM heard WHERE holder = ANY(CAST(:holders AS uuid[])))
    DELETE FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[])) RETURNING holder
""")


class Fresh(NamedTuple):
    """New data keys, encrypted. `wrapped` has the data key of each household, referral… or message. `master` is
    the id of the master key that encrypts them."""

    master: bytes
    wrapped: Mapping[UUID, bytes]


def values_of_fresh(fresh: Fresh) -> dict[str, object]:
    """Return the parameters of the query `FRESH` for these data keys."""
    master, wrapped = fresh
    return {"master": master, "holders": list(wrapped), "wrapped": list(wrapped.values())}


async def get(connection: Connection, holders: Sequence[UUID]) -> Sequence[Row]:
    """Return (holder, wrapped, master, committed) for each of these holders (households, referrals… or
    messages) that has a data key.

    `wrapped` is the data key, encrypted with the master key `master`. `committed` is false if this transaction
    has created the data key.
    """
    return await _GET.all(connection, holders=list(holders))


async def hold(connection: Connection, holders: Sequence[UUID]) -> list[UUID]:
    """Lock the data keys of these households, referrals… or messages, so that nobody can destroy them before
    the transaction ends. Return the ids of the holders that have a data key."""
    return await _HOLD.column(connection, holders=list(holders))


async def get_or_create(connection: Connection, fresh: Fresh) -> Sequence[Row]:
    """Return (holder, wrapped, master, committed) for each holder (household, referral… or message) in `fresh`.
    A missing data key is created.

    `wrapped` is the data key, encrypted with the master key `master`. `committed` is false if this transaction
    has created the data key. If the result lacks a holder, call again: another transaction is creating its data
    key, or the master key was replaced.
    """
    return await _GET_OR_CREATE.all(connection, **values_of_fresh(fresh))


async def link(connection: Connection, pairs: Sequence[tuple[UUID, UUID]], named: Collection[UUID]) -> None:
    """Store which messages name which households, referrals…: `pairs` has (id of a household, referral…, id
    of the message). When a household is forgotten, the data keys of these messages are destroyed too.

    Also store when each household, referral… was last named: the present moment, if no moment is stored yet.
    For those in `named`, the present moment also replaces a stored moment older than a day.
    """
    await _LINK.run(connection, **values_of(pairs, named))


def values_of(pairs: Sequence[tuple[UUID, UUID]], named: Collection[UUID]) -> dict[str, object]:
    """Return the parameters that the query `LINKS` and the statement `HEARD` need. `LINKS` reads `pairs`: (id
    of a household or referral…, id of a message that names it). `HEARD` also reads `named`, the ids that
    accepted rows name, and stores when a message last named them."""
    return {
        "titulaires": [holder for holder, _ in pairs],
        "linked_to": [message for _, message in pairs],
        "named": list(named),
    }


async def some(connection: Connection) -> Sequence[Row]:
    """Return (holder, wrapped, master) of up to 16 data keys, to test whether the master keys decrypt them. The
    holder is a household, referral… or message. `wrapped` is its data key, encrypted with the master key
    `master`."""
    return await _SOME.all(connection)


async def wrapping(connection: Connection) -> bytes | None:
    """Return the id of the master key that encrypts new data keys. Return None if the master key was never
    replaced."""
    ident: bytes | None = (await _NAMED.one(connection)).id
    return ident


async def wrap_with(connection: Connection, master: bytes) -> None:
    """Let the master key with the id `master` encrypt new data keys. Wait until no transaction is creating
    data keys."""
    await _NO_CREATION.run(connection)
    await _WRAP_WITH.run(connection, master=master)


async def under_another(
    connection: Connection, master: bytes, after: UUID | None, most: int
) -> Sequence[Row]:
    """Return the next data keys that have to be encrypted again, because another master key than `master`
    encrypts them. They come as (holder, wrapped, master): at most `most`, in the order of their holders, after
    the holder `after`.

    A holder is a household, referral… or message. `wrapped` is its data key, encrypted.
    """
    return await _UNDER_ANOTHER.all(connection, master=master, after=after, most=most)


async def rewrap(connection: Connection, master: bytes, pairs: Mapping[UUID, tuple[bytes, bytes]]) -> None:
    """Replace the encrypted data keys of these holders (households, referrals… or messages). `pairs` has the
    old and the new form for each holder; the new form is encrypted with the master key `master`. A data key
    that was destroyed or replaced meanwhile is skipped."""
    old, fresh = [was for was, _ in pairs.values()], [new for _, new in pairs.values()]
    await _REWRAP.run(connection, master=master, holders=list(pairs), old=old, fresh=fresh)


async def by_master(connection: Connection) -> dict[bytes, int]:
    """Return the number of data keys that each master key encrypts, by the master key's id."""
    return {row.master: row.number for row in await _BY_MASTER.all(connection)}


async def holders_of(connection: Connection, menage: UUID) -> list[UUID]:
    """Return the ids whose data keys are destroyed when a household is forgotten: the household, its
    referrals, candidacies and the like, and all messages that name one of these. A demand that one of them
    cites counts too, if the hub never received the demand."""
    return await _HOLDERS.column(connection, menage=menage)


async def lock(connection: Connection, holders: Collection[UUID]) -> None:
    """Lock the data keys of these holders (households, referrals… or messages) before they are destroyed. The
    order is that of the holders' ids, so that two transactions cannot deadlock."""
    await _LOCK.run(connection, holders=list(holders))


async def destroy(connection: Connection, holders: Sequence[UUID]) -> int:
    """Destroy the data keys of these households, referrals… or messages. Their data can then no longer be
    decrypted. Return the number of data keys destroyed."""
    return len(await _DESTROY.all(connection, holders=list(holders)))
