"""Store the hub's id for each id that a partner uses. The partner's id is stored encrypted; an HMAC of it
serves to find the row."""

from collections.abc import Mapping, Sequence, Set
from typing import TypeAlias
from uuid import UUID

from contracts.base import Reference
from router.store import keys
from router.store.hmac_keys import TURNED, WRITES, KeyTurned
from router.store.sql import Connection, Row, Sql

_FIND = Sql("""
    SELECT c.partner, c.nature, c.value_hmac, c.id
    FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:hmacs AS bytea[])) AS w(p, n, h)
    JOIN crosswalk c ON c.partner = w.p AND c.nature = w.n AND c.value_hmac = w.h
""")
_CREATE = Sql(f"""
    WITH created AS (
        INSERT INTO crosswalk (partner, nature, value_hmac, id, value_sealed)
        SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:hmacs AS bytea[]),
                             CAST(:ids AS uuid[]), CAST(:sealed AS bytea[])) AS w(p, n, h, i, s)
        WHERE {WRITES} ORDER BY p, n, h
        ON CONFLICT (partner, nature, value_hmac) DO NOTHING RETURNING id
    )
    SELECT id FROM created UNION ALL SELECT NULL WHERE {TURNED}
""")
_FIND_OR_CREATE = Sql(f"""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:hmacs AS bytea[]),
                             CAST(:ids AS uuid[]), CAST(:sealed AS bytea[]), CAST(:wrapped AS bytea[]))
                 AS w(partner, nature, value_hmac, id, value_sealed, wrapped)
    ), known AS (
        SELECT c.value_hmac, c.id FROM wanted JOIN crosswalk c USING (partner, nature, value_hmac)
    ), created AS (
        INSERT INTO crosswalk (partner, nature, value_hmac, id, value_sealed)
        SELECT partner, nature, value_hmac, id, value_sealed FROM wanted
        WHERE {WRITES} AND NOT EXISTS (SELECT FROM known WHERE known.value_hmac = wanted.value_hmac)
        ORDER BY partner, nature, value_hmac
        ON CONFLICT (partner, nature, value_hmac) DO NOTHING RETURNING value_hmac, id
    ), fresh AS (
        SELECT created.id AS holder, wrapped FROM created JOIN wanted USING (value_hmac)
    ), keyed AS ({keys.CREATED})
    SELECT value_hmac, id, k.holder, k.wrapped, k.master, true AS committed
    FROM known LEFT JOIN holder_key k ON k.holder = id
    UNION ALL SELECT value_hmac, id, holder, wrapped, master, true FROM created LEFT JOIN keyed ON holder = id
""")
_BACK = Sql(f"""
    SELECT w.partner, c.id, c.nature, c.value_sealed,
           NULL AS holder, NULL AS wrapped, NULL AS master, NULL AS committed
    FROM unnest(CAST(:partners AS text[]), CAST(:ids AS uuid[])) AS w(partner, id)
    JOIN crosswalk c ON c.id = w.id AND c.partner = w.partner
    UNION ALL SELECT NULL, NULL, NULL, NULL, found.* FROM ({keys.FOUND}) AS found
""")
_REMOVE = Sql("DELETE FROM crosswalk WHERE id = ANY(CAST(:ids AS uuid[]))")


Foreign: TypeAlias = tuple[str, Reference]
"""A partner's id, and an id that this partner uses for a subject (a referral, a place…)."""
Translation: TypeAlias = tuple[Foreign, bytes, UUID, bytes]
"""Id that a partner uses, its HMAC, the hub's id for it, and the partner's id encrypted."""


async def find(connection: Connection, wanted: Mapping[bytes, Foreign]) -> dict[Foreign, UUID]:
    """Return the hub's ids for the ids of partners in `wanted`. The keys of `wanted` are the HMACs of these
    ids. Ids that the hub does not know are left out."""
    rows = await _FIND.all(connection, **_keys_of([(theirs, hmac) for hmac, theirs in wanted.items()]))
    return {wanted[row.value_hmac]: row.id for row in rows}


async def create(connection: Connection, writer: bytes, new: Sequence[Translation]) -> Set[UUID]:
    """Store new ids of the hub for partners' ids, and return the hub's ids that were stored.

    If another process has just stored an id for the same partner's id, that id stays. Raises KeyTurned if the
    HMAC key with the mark (short name) `writer` was replaced.
    """
    given = frozenset(await _CREATE.column(connection, writer=writer, **_values_of(new)))
    if None in given:
        raise KeyTurned
    return given


async def find_or_create(
    connection: Connection,
    writer: bytes,
    wanted: Sequence[Translation],
    master: bytes,
    fresh: Mapping[UUID, bytes],
) -> Sequence[Row]:
    """Return (value_hmac, id, holder, wrapped, master, committed) for each partner's id in `wanted`. `id` is
    the hub's id. `wrapped` is the data key of `holder`, encrypted with the master key `master`. `committed`
    is always true here, because each statement is committed by itself.

    A missing row is created from `wanted`, with the data key in `fresh` for the hub's id. If the result lacks
    an id, call again: another process is creating its row, or the HMAC key was replaced. `connection` must
    commit each statement by itself.
    """
    wrapped = [fresh[ours] for _, _, ours, _ in wanted]
    values = {**_values_of(wanted), "writer": writer, "master": master, "wrapped": wrapped}
    return await _FIND_OR_CREATE.all(connection, **values)


async def back(
    connection: Connection, wanted: Sequence[tuple[str, UUID]], holders: Sequence[UUID] = ()
) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return two lists of rows. The first has the partners' ids for the hub's ids in `wanted`, as (partner,
    id, nature, value_sealed). The second has the data keys of `holders`, as (holder, wrapped, master,
    committed).

    `wrapped` is the data key, encrypted with the master key `master`. `committed` is false if this
    transaction has created the data key: such a key must not be cached yet.
    """
    rows = await _BACK.all(
        connection,
        partners=[partner for partner, _ in wanted],
        ids=[ours for _, ours in wanted],
        holders=list(holders),
    )
    return [row for row in rows if row.holder is None], [row for row in rows if row.holder is not None]


def _keys_of(wanted: Sequence[tuple[Foreign, bytes]]) -> dict[str, object]:
    return {
        "partners": [partner for (partner, _), _ in wanted],
        "natures": [str(theirs.nature) for (_, theirs), _ in wanted],
        "hmacs": [hmac for _, hmac in wanted],
    }


def _values_of(rows: Sequence[Translation]) -> dict[str, object]:
    return {
        **_keys_of([(theirs, hmac) for theirs, hmac, _, _ in rows]),
        "ids": [ours for *_, ours, _ in rows],
        "sealed": [sealed for *_, sealed in rows],
    }


async def remove(connection: Connection, ids: Sequence[UUID]) -> None:
    """Delete the partners' ids for these ids of the hub."""
    await _REMOVE.run(connection, ids=list(ids))
