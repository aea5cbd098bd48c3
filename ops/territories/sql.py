"""Query that reads the subjects in given states, page by page."""

from collections.abc import AsyncIterator, Iterable, Mapping
from uuid import UUID

from router.domain.subjects import Subject
from router.store.database import Database
from router.store.sql import Sql
from router.store.subjects import subject_of

_PAGE = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE id > :after AND nature || ' ' || etat = ANY(CAST(:wanted AS text[])) ORDER BY id LIMIT :limit
""")
PAGE = 2000
FIRST = UUID(int=0)


async def pages(
    database: Database, states: Mapping[type[Subject], Iterable[str]]
) -> AsyncIterator[list[Subject]]:
    """Yield all subjects that are in one of the given states, one list for each page. They are sorted by id.
    `states` has the states to look for, by type of subject. Raises BusUnavailable if the database does not
    answer."""
    wanted = [f"{kind.NATURE} {etat}" for kind, etats in states.items() for etat in etats]
    after: UUID | None = FIRST
    while after is not None:
        async with database.transaction() as connection:
            rows = await _PAGE.all(connection, after=after, wanted=wanted, limit=PAGE)
        yield [subject_of(row) for row in rows]
        after = rows[-1].id if len(rows) == PAGE else None
