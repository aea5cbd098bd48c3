"""Store which id of the hub stands for each of the partners' own ids. A partner's own id is stored encrypted,
and found by its fingerprint."""

from collections.abc import Collection, Mapping, Sequence, Set
from typing import NamedTuple, TypeAlias
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


def _creating(held: str, condition: str) -> Sql:
    return Sql(f"""
    WITH {held} created AS (
        INSERT INTO crosswalk (partner, nature, value_hmac, id, value_sealed)
        SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:hmacs AS bytea[]),
                             CAST(:ids AS uuid[]), CAST(:sealed AS bytea[])) AS w(p, n, h, i, s)
        WHERE {WRITES} AND {condition} ORDER BY p, n, h
        ON CONFLICT (partner, nature, value_hmac) DO NOTHING RETURNING id
    )
    SELECT id FROM created UNION ALL SELECT NULL WHERE {TURNED}
""")


_CREATE = _creating("", "true")
_CREATE_OF_HOLDERS = _creating(f"held AS MATERIALIZED ({keys.HELD}),", "i IN (SELECT holder FROM held)")
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
"""Partner, and one of its own ids."""


class Translation(NamedTuple):
    """Partner's own id with the hub's id that stands for it, as they are stored. `hmac` is the fingerprint of
    the own id."""

    foreign: Foreign
    hmac: bytes
    ours: UUID
    sealed: bytes
    """Partner's id, encrypted."""


async def find(connection: Connection, wanted: Mapping[bytes, Foreign]) -> dict[Foreign, UUID]:
    """Return the hub's ids that stand for the partners' own ids in `wanted`. `wanted` has the own ids by
    fingerprint. Own ids that are not stored are left out of the result."""
    rows = await _FIND.all(connection, **_keys_of(wanted.values(), wanted))
    return {wanted[row.value_hmac]: row.id for row in rows}


async def create(connection: Connection, writer: bytes, new: Sequence[Translation]) -> Set[UUID]:
    """Store the hub's new ids for partners' own ids. Return those of the hub's new ids that were stored. A
    new id is not stored if another process has already stored one for the same own id. Raises KeyTurned if
    the HMAC key with the mark `writer` was replaced."""
    given = frozenset(await _CREATE.column(connection, writer=writer, **_values_of(new)))
    if None in given:
        raise KeyTurned
    return given


async def create_of_holders(connection: Connection, writer: bytes, new: Sequence[Translation]) -> None:
    """Store partners' own ids for ids of the hub that each have a data key of their own. Skip an id of the
    hub whose data key is destroyed, even if the key is destroyed at this moment. Raises KeyTurned if the HMAC
    key with the mark `writer` was replaced."""
    holders = [each.ours for each in new]
    given = await _CREATE_OF_HOLDERS.column(connection, writer=writer, holders=holders, **_values_of(new))
    if None in given:
        raise KeyTurned


async def find_or_create(
    connection: Connection, writer: bytes, wanted: Sequence[Translation], fresh: keys.Fresh
) -> tuple[Mapping[bytes, UUID], Sequence[Row]]:
    """Return the hub's ids that stand for the partners' own ids in `wanted`, by fingerprint of the own id. Return
    also the data keys of the holders with these hub's ids. A new own id is stored first, with the hub's id that
    `wanted` proposes and a data key from `fresh`. `connection` must commit each statement by itself.

    There are three exceptions. A new own id is

    - missing from the result, if another process stores the same own id at the same moment;
    - not stored, and missing from the result, if `writer` is no longer the mark of the current HMAC key;
    - stored without a data key, if the master key of `fresh` is no longer the current one.
    """
    wrapped = [fresh.wrapped[each.ours] for each in wanted]
    values = {**_values_of(wanted), "writer": writer, "master": fresh.master, "wrapped": wrapped}
    rows = await _FIND_OR_CREATE.all(connection, **values)
    return {row.value_hmac: row.id for row in rows}, [row for row in rows if row.holder is not None]


async def back(
    connection: Connection, wanted: Collection[tuple[str, UUID]], holders: Collection[UUID] = ()
) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return two lists of rows:

    * The first has (partner, id, nature, value_sealed) for each pair (partner, hub's id) in `wanted` that is
      stored. `id` is the hub's id, `nature` the type of its subject, and `value_sealed` the partner's own id,
      encrypted.
    * The second has the data keys of `holders`, which are read along to spare the caller a query."""
    rows = await _BACK.all(
        connection,
        partners=[partner for partner, _ in wanted],
        ids=[ours for _, ours in wanted],
        holders=list(holders),
    )
    return [row for row in rows if row.holder is None], [row for row in rows if row.holder is not None]


def _keys_of(foreign: Collection[Foreign], hmacs: Collection[bytes]) -> dict[str, object]:
    return {
        "partners": [partner for partner, _ in foreign],
        "natures": [str(theirs.nature) for _, theirs in foreign],
        "hmacs": list(hmacs),
    }


def _values_of(rows: Sequence[Translation]) -> dict[str, object]:
    return {
        **_keys_of([each.foreign for each in rows], [each.hmac for each in rows]),
        "ids": [each.ours for each in rows],
        "sealed": [each.sealed for each in rows],
    }


async def remove(connection: Connection, ids: Sequence[UUID]) -> None:
    """Delete all partners' own ids that are stored for these ids of the hub."""
    await _REMOVE.run(connection, ids=list(ids))
