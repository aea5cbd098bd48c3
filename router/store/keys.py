"""Store data keys, encrypted with a master key. Also store which messages name each household, referral…, and
when an accepted message last named it, to within a day.

In returned rows, `wrapped` is the encrypted data key, and `master` the id of the master key. `committed` is
false if the present transaction has created the data key.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_WRAPPING = "(SELECT id FROM wrapping_key ORDER BY at DESC LIMIT 1)"
WRAPS = f"CAST(:master AS bytea) = COALESCE({_WRAPPING}, :master)"
"""SQL condition: the master key `:master` still encrypts new data keys."""
FRESH = "SELECT * FROM unnest(CAST(:holders AS uuid[]), CAST(:wrapped AS bytea[])) AS w(holder, wrapped)"
"""Query that makes one row of each new data key. Its parameters are arrays: `values_of_fresh` returns
them."""
CREATED = f"""
    INSERT INTO holder_key (holder, wrapped, master)
    SELECT holder, wrapped, CAST(:master AS bytea) FROM fresh WHERE {WRAPS} ORDER BY holder
    ON CONFLICT (holder) DO NOTHING RETURNING holder, wrapped, master
"""
"""Statement that stores the data keys of the query `fresh`, unless their master key was replaced."""
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
"""Query that turns two arrays into rows. A row says that the message `holder` names the household, referral…
`titulaire`."""
LINKED = "INSERT INTO key_link (titulaire, holder) SELECT titulaire, holder FROM links ON CONFLICT DO NOTHING"
"""Statement that stores the pairs of the query `links`. By them, the hub finds all messages about a household
when it forgets the household."""
HEARD = """
    INSERT INTO heard AS h (holder, at)
    SELECT DISTINCT titulaire, now() FROM links ORDER BY titulaire
    ON CONFLICT (holder) DO UPDATE SET at = excluded.at
        WHERE h.holder = ANY(CAST(:named AS uuid[])) AND h.at < now() - interval '1 day'
"""
"""Statement that stores the present moment as that at which a message named each household, referral… in the
query `links`. A moment that is stored already is replaced only if it is more than a day old, and only for
those in `:named`."""
_LINK = Sql(f"WITH links AS ({LINKS}), linked AS ({LINKED}) {HEARD}")
FOUND = """
    SELECT holder, wrapped, master, xmin IS DISTINCT FROM CAST(pg_current_xact_id_if_assigned() AS xid) AS committed
    FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[]))
"""
"""Query that returns the data keys of `:holders`."""
_GET = Sql(FOUND)
HELD = (
    "SELECT holder FROM holder_key WHERE holder = ANY(CAST(:holders AS uuid[])) ORDER BY holder FOR KEY SHARE"
)
"""Query that locks the data keys of `:holders`, and returns those holders that have one."""
_HOLD = Sql(HELD)
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
    ), attached AS (
        SELECT e.subject AS id FROM orphan o JOIN event e ON e.id = o.event_id
        WHERE o.attached_to IN (SELECT id FROM named)
          AND NOT EXISTS (SELECT FROM subject s WHERE s.id = e.subject)
          AND NOT EXISTS (
            SELECT FROM event other JOIN orphan p ON p.event_id = other.id
            WHERE other.subject = e.subject AND p.etat <> 'classee'
              AND (p.attached_to IS NULL OR p.attached_to NOT IN (SELECT id FROM named)))
    ), held AS (SELECT id FROM named UNION SELECT id FROM attached)
    SELECT id FROM held
    UNION SELECT holder FROM key_link JOIN held ON titulaire = held.id
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
    """New data keys, by holder. All are encrypted with the master key `master`."""

    master: bytes
    wrapped: Mapping[UUID, bytes]


class Links(NamedTuple):
    """Pairs of ids: a household, referral…, and a message that names it. When the household, referral… is
    forgotten, the data key of the message is destroyed."""

    pairs: Sequence[tuple[UUID, UUID]]
    named: Collection[UUID]
    """Households, referrals… that accepted rows name."""


def values_of_fresh(fresh: Fresh) -> dict[str, object]:
    """Return the parameters of the query `FRESH`, which turns new data keys into rows to be stored."""
    master, wrapped = fresh
    return {"master": master, "holders": list(wrapped), "wrapped": list(wrapped.values())}


async def get(connection: Connection, holders: Sequence[UUID]) -> Sequence[Row]:
    """Return (holder, wrapped, master, committed) for each holder that has a data key. `wrapped` is the data
    key, encrypted with a master key; `master` is the id of this master key. `committed` is false if the present
    transaction created the data key, so that its rollback would delete it."""
    return await _GET.all(connection, holders=list(holders))


async def hold(connection: Connection, holders: Sequence[UUID]) -> list[UUID]:
    """Lock the data keys of these holders until the transaction ends. Return the holders that have a data
    key."""
    return await _HOLD.column(connection, holders=list(holders))


async def get_or_create(connection: Connection, fresh: Fresh) -> Sequence[Row]:
    """Return the data key of each holder in `fresh`, as rows (holder, wrapped, master, committed). A holder
    without a data key gets the one in `fresh`, which is stored. `wrapped` is the data key, encrypted with the
    master key `master`. `committed` is false if the present transaction created the data key, so that its
    rollback would delete it. If another process is creating a holder's data key, or the master key of `fresh`
    was replaced, the holder is missing from the result: call again, with a new `fresh`."""
    return await _GET_OR_CREATE.all(connection, **values_of_fresh(fresh))


async def link(connection: Connection, links: Links) -> None:
    """Store which messages name which households, referrals…, and when each household, referral… was last
    named."""
    await _LINK.run(connection, **values_of(links))


def values_of(links: Links) -> dict[str, object]:
    """Return the parameters of the SQL that stores which messages name which households, referrals… (`LINKS`)
    and when each household, referral… was last named (`HEARD`)."""
    return {
        "titulaires": [holder for holder, _ in links.pairs],
        "linked_to": [message for _, message in links.pairs],
        "named": list(links.named),
    }


async def some(connection: Connection) -> Sequence[Row]:
    """Return up to 16 data keys, to test the master keys, as (holder, wrapped, master): `wrapped` is the
    encrypted data key, `master` the id of the master key that encrypted it."""
    return await _SOME.all(connection)


async def wrapping(connection: Connection) -> bytes | None:
    """Return the id of the master key that encrypts new data keys. Return None if the installation's first
    master key was never replaced."""
    ident: bytes | None = (await _NAMED.one(connection)).id
    return ident


async def wrap_with(connection: Connection, master: bytes) -> None:
    """Let this master key encrypt new data keys from now on. First wait until no other transaction is
    creating data keys."""
    await _NO_CREATION.run(connection)
    await _WRAP_WITH.run(connection, master=master)


async def under_another(
    connection: Connection, master: bytes, after: UUID | None, most: int
) -> Sequence[Row]:
    """Return at most `most` data keys that are encrypted with another master key than the one with the id
    `master`. Each is a row (holder, wrapped, master). They are in the order of their holders: `after` is the
    last holder of the previous page, or None."""
    return await _UNDER_ANOTHER.all(connection, master=master, after=after, most=most)


async def rewrap(connection: Connection, master: bytes, pairs: Mapping[UUID, tuple[bytes, bytes]]) -> None:
    """Store data keys that are now encrypted with another master key, whose id is `master`. `pairs` has the old
    and the new encrypted form of each data key, by holder. A data key that was destroyed or replaced meanwhile
    is skipped."""
    old, fresh = [was for was, _ in pairs.values()], [new for _, new in pairs.values()]
    await _REWRAP.run(connection, master=master, holders=list(pairs), old=old, fresh=fresh)


async def by_master(connection: Connection) -> dict[bytes, int]:
    """Return, by id of the master key, the number of data keys that it encrypts."""
    return {row.master: row.number for row in await _BY_MASTER.all(connection)}


async def holders_of(connection: Connection, menage: UUID) -> list[UUID]:
    """Return the holders whose data keys are destroyed when a household is forgotten:

    - the household, and all its subjects (referrals, candidacies…)
    - the demands that these subjects cite and that the hub never received
    - the unknown subjects of orphan answers that people attached to one of the above. Such a subject is left out
      if another answer about it is undecided, or attached to another household
    - all messages that name any of these holders
    """
    return await _HOLDERS.column(connection, menage=menage)


async def lock(connection: Connection, holders: Collection[UUID]) -> None:
    """Lock these data keys before they are destroyed, in the order of their holders, so that two transactions
    cannot deadlock."""
    await _LOCK.run(connection, holders=list(holders))


async def destroy(connection: Connection, holders: Sequence[UUID]) -> int:
    """Destroy the data keys of `holders`. Return how many existed."""
    return len(await _DESTROY.all(connection, holders=list(holders)))
