"""Messages of one partner, as it looks for them itself: newest first, a page at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_MESSAGES = Sql("""
    SELECT id, etat, dialect, received_at, accepted, rejected FROM inbox
    WHERE partner = :partner AND received_at >= :since
      AND (CAST(:etat AS text) IS NULL OR etat = :etat)
      AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
      AND (CAST(:after AS uuid) IS NULL OR (received_at, id) < (
          SELECT last.received_at, last.id FROM inbox last WHERE last.id = :after AND last.partner = :partner))
    ORDER BY received_at DESC, id DESC LIMIT CAST(:most AS bigint)
""")
_UNDER_KEY = Sql("""
    WITH wanted AS (SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:keys AS bytea[])) AS w(partner, key))
    SELECT message_id FROM idempotency_key JOIN wanted USING (partner, key)
    UNION SELECT id FROM inbox JOIN wanted USING (partner, key)
""")
_ABOUT = Sql("""
    SELECT DISTINCT correlation FROM (
        SELECT correlation FROM event
        WHERE subject = ANY(CAST(:subjects AS uuid[])) AND source = :partner ORDER BY seq DESC LIMIT 1000
    ) AS newest
    UNION
    SELECT l.holder FROM key_link l JOIN inbox i ON i.id = l.holder AND i.partner = :partner
    WHERE l.titulaire = ANY(CAST(:subjects AS uuid[]))
""")


class Wanted(NamedTuple):
    """Which messages; None matches all. `after` is the last one of the page before."""

    since: datetime
    etat: str | None
    ids: Sequence[UUID] | None
    after: UUID | None
    most: int


async def messages(connection: Connection, partner: str, wanted: Wanted) -> Sequence[Row]:
    """(id, etat, dialect, received_at, accepted, rejected) of what matches."""
    ids = None if wanted.ids is None else list(wanted.ids)
    values = wanted._replace(ids=ids)._asdict()
    return await _MESSAGES.all(connection, partner=partner, **values)


async def under_key(connection: Connection, keys: Mapping[str, bytes]) -> list[UUID]:
    """Messages that came from a partner under a key (its HMAC, by partner), or hold the event that it numbers."""
    return await _UNDER_KEY.column(connection, partners=list(keys), keys=list(keys.values()))


async def about(connection: Connection, partner: str, subjects: Sequence[UUID]) -> list[UUID]:
    """Messages of a partner that hold its newest events about these subjects; and those that cite one of them, a
    household, a referral or a candidacy, in a row that was refused, as long as their bytes would be kept."""
    return await _ABOUT.column(connection, partner=partner, subjects=list(subjects))
