"""State of places, referrals and candidacies."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from contracts.base import Nature
from router.domain.subjects import Subject
from router.store.sql import Connection, Sql

_LOAD = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")
_READ = Sql(
    "SELECT id, nature, etat, version, donnees, menage, due_at FROM subject WHERE id = ANY(CAST(:ids AS uuid[]))"
)
_SAVE = Sql("""
    INSERT INTO subject (id, nature, etat, version, donnees, menage, due_at)
    SELECT i, n, e, v, CAST(d AS jsonb), m, a
    FROM unnest(CAST(:ids AS uuid[]), CAST(:natures AS text[]), CAST(:etats AS text[]), CAST(:versions AS bigint[]),
                CAST(:donnees AS text[]), CAST(:menages AS uuid[]), CAST(:dues AS timestamptz[]))
         AS s(i, n, e, v, d, m, a)
    ORDER BY i
    ON CONFLICT (id) DO UPDATE SET
        etat = excluded.etat, version = excluded.version, donnees = excluded.donnees, menage = excluded.menage,
        due_at = excluded.due_at, changed_at = now()
""")
_DUE = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE due_at < now() ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
""")
_PUT_OFF = Sql("""
    UPDATE subject SET due_at = now() + interval '1 hour' WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_NOT_DUE = Sql("UPDATE subject SET due_at = NULL WHERE id = ANY(CAST(:ids AS uuid[]))")


async def load(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """The subjects that are known, locked in order of id until the transaction ends."""
    rows = await _LOAD.all(connection, ids=sorted(set(ids)))
    return {row.id: _subject(row) for row in rows}


async def read(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """The subjects that are known, without a lock."""
    rows = await _READ.all(connection, ids=sorted(set(ids)))
    return {row.id: _subject(row) for row in rows}


async def save(connection: Connection, subjects: Sequence[Subject]) -> None:
    """Write the new states."""
    if not subjects:
        return
    await _SAVE.run(
        connection,
        ids=[s.id for s in subjects],
        natures=[str(s.nature) for s in subjects],
        etats=[str(s.etat) for s in subjects],
        versions=[s.version for s in subjects],
        donnees=[to_json(s.donnees).decode() for s in subjects],
        menages=[s.menage for s in subjects],
        dues=[s.due_at for s in subjects],
    )


async def take_due(connection: Connection, limit: int) -> list[Subject]:
    """Subjects whose moment has come; each is taken once."""
    due = [_subject(row) for row in await _DUE.all(connection, limit=limit)]
    if due:
        await _NOT_DUE.run(connection, ids=[s.id for s in due])
    return due


async def put_off(connection: Connection, ids: Sequence[UUID]) -> None:
    """Look at these again in an hour: their manager is not in the registry now."""
    if ids:
        await _PUT_OFF.run(connection, ids=list(ids))


def _subject(row: Any) -> Subject:
    return Subject(row.id, Nature(row.nature), row.etat, row.version, row.donnees, row.menage, row.due_at)
