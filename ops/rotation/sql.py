"""Count and replace the fingerprints that each HMAC key made. A key's mark is its short name, which ends each
fingerprint that it makes. The crosswalk gives, for each of a partner's own ids, the hub's id."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_LEFT = Sql("""
    SELECT mark, COALESCE(sum(names), 0) AS names, COALESCE(sum(claims), 0) AS claims,
           COALESCE(sum(refused), 0) AS refused, max(until) AS until
    FROM (
        SELECT substring(value_hmac FROM 33) AS mark, count(*) AS names, 0 AS claims, 0 AS refused,
               CAST(NULL AS timestamptz) AS until
        FROM crosswalk GROUP BY 1
        UNION ALL
        SELECT substring(number FROM 33), count(*), 0, 0, NULL FROM housing_number GROUP BY 1
        UNION ALL
        SELECT substring(key FROM 33), 0, count(*), 0, max(expires_at) FROM idempotency_key
        WHERE expires_at > now() GROUP BY 1
        UNION ALL
        SELECT substring(i.key FROM 33), 0, 0, count(*), NULL FROM inbox i JOIN quarantine q ON q.message_id = i.id
        WHERE i.key IS NOT NULL AND q.etat IN ('ouverte', 'rejouee') GROUP BY 1
    ) AS counted GROUP BY mark
""")
_TURNED = Sql("SELECT COALESCE(max(at), now()) AS at, now() AS now FROM hmac_key")
_UNDER_ANOTHER = Sql("""
    SELECT partner, nature, value_hmac, id, value_sealed FROM crosswalk
    WHERE substring(value_hmac FROM 33) <> :writer
      AND (partner, nature, value_hmac) > (:partner, :nature, CAST(:hmac AS bytea))
    ORDER BY partner, nature, value_hmac LIMIT :most
""")
_HASH_ANEW = Sql("""
    UPDATE crosswalk c SET value_hmac = w.fresh
    FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:hmacs AS bytea[]), CAST(:fresh AS bytea[]))
        AS w(partner, nature, old, fresh)
    WHERE c.partner = w.partner AND c.nature = w.nature AND c.value_hmac = w.old AND NOT EXISTS (
        SELECT FROM crosswalk k WHERE k.partner = w.partner AND k.nature = w.nature AND k.value_hmac = w.fresh)
    RETURNING c.id
""")
_NUMBERS = Sql("""
    SELECT number, subject, menage, sealed FROM housing_number
    WHERE substring(number FROM 33) <> :writer AND (number, subject) > (CAST(:number AS bytea), CAST(:subject AS uuid))
    ORDER BY number, subject LIMIT :most
""")
_NUMBERS_ANEW = Sql("""
    UPDATE housing_number h SET number = w.fresh
    FROM unnest(CAST(:numbers AS bytea[]), CAST(:subjects AS uuid[]), CAST(:fresh AS bytea[])) AS w(old, subject, fresh)
    WHERE h.number = w.old AND h.subject = w.subject AND NOT EXISTS (
        SELECT FROM housing_number k WHERE k.number = w.fresh AND k.subject = w.subject)
    RETURNING h.subject
""")
Place = tuple[str, str, bytes]
"""The primary key of a crosswalk row: the partner, the type of subject, and the fingerprint of the partner's
own id."""
FIRST: Place = ("", "", b"")


async def left(connection: Connection) -> Sequence[Row]:
    """Count what still depends on each HMAC key. Return a row for each HMAC key that made a stored
    fingerprint:

    * mark: the mark of the HMAC key;
    * names: the number of fingerprints of partners' own ids and of numéros uniques;
    * claims: the number of fingerprints of unexpired idempotency keys;
    * until: when the last of these idempotency keys expires; None if there are none;
    * refused: the number of fingerprints of idempotency keys of messages that are still in quarantine.
    """
    return await _LEFT.all(connection)


async def turned(connection: Connection) -> Row:
    """Return (at, now): the moment since which the current HMAC key has been in use, and the present
    moment."""
    return await _TURNED.one(connection)


async def names_under_another(
    connection: Connection, writer: bytes, after: Place, most: int
) -> Sequence[Row]:
    """Return at most `most` crosswalk rows whose fingerprint was made by a former HMAC key. `writer` is the
    mark of the current key. The rows are sorted by primary key. They come after the row with the primary key
    `after`."""
    partner, nature, hmac = after
    values = {"writer": writer, "partner": partner, "nature": nature, "hmac": hmac, "most": most}
    return await _UNDER_ANOTHER.all(connection, **values)


async def hash_anew(connection: Connection, fresh: Sequence[tuple[Place, bytes]]) -> list[UUID]:
    """Replace the fingerprints of partners' own ids in the crosswalk. `fresh` has the primary key and the new
    fingerprint of each row to change. Return the hub's ids in the changed rows. A row stays as it is if it
    was deleted meanwhile, or if another row already has its new fingerprint."""
    return await _HASH_ANEW.column(
        connection,
        partners=[place[0] for place, _ in fresh],
        natures=[place[1] for place, _ in fresh],
        hmacs=[place[2] for place, _ in fresh],
        fresh=[hmac for _, hmac in fresh],
    )


async def numbers_under_another(
    connection: Connection, writer: bytes, after: tuple[bytes, UUID], most: int
) -> Sequence[Row]:
    """Return at most `most` rows of numéros uniques whose fingerprint was made by a former HMAC key. `writer`
    is the mark of the current key. The rows are sorted by (fingerprint, subject), and come after the pair
    `after`."""
    number, subject = after
    return await _NUMBERS.all(connection, writer=writer, number=number, subject=subject, most=most)


async def hash_numbers_anew(connection: Connection, fresh: Sequence[tuple[Row, bytes]]) -> int:
    """Replace the fingerprints of numéros uniques. `fresh` has each row to change, with its new fingerprint.
    Return how many rows were changed."""
    found = await _NUMBERS_ANEW.column(
        connection,
        numbers=[row.number for row, _ in fresh],
        subjects=[row.subject for row, _ in fresh],
        fresh=[number for _, number in fresh],
    )
    return len(found)
