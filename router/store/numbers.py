"""Numéros uniques of candidacies and of households of the list, as keyed hashes: which of them a number means."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Subject
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

_NOTE = Sql("""
    WITH told AS (
        SELECT * FROM unnest(CAST(:numbers AS bytea[]), CAST(:subjects AS uuid[]), CAST(:menages AS uuid[]))
                 AS t(number, subject, menage)
    ), gone AS (
        DELETE FROM housing_number h WHERE subject = ANY(CAST(:subjects AS uuid[])) AND NOT fused
           AND NOT EXISTS (SELECT FROM told WHERE told.number = h.number AND told.subject = h.subject)
    )
    INSERT INTO housing_number (number, subject, menage) SELECT DISTINCT * FROM told ON CONFLICT DO NOTHING
""")
_FUSE = Sql("""
    WITH before AS (
        SELECT DISTINCT mine.number FROM housing_number mine WHERE mine.subject = :subject
    ), same AS (
        UPDATE housing_number SET fused = true WHERE number IN (SELECT number FROM before) RETURNING subject, menage
    )
    INSERT INTO housing_number (number, subject, menage, fused)
    SELECT DISTINCT CAST(:number AS bytea), subject, menage, true FROM same
    ON CONFLICT DO NOTHING
""")
_FOUND = Sql("""
    SELECT h.number, s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM housing_number h JOIN subject s ON s.id = h.subject
    WHERE h.number = ANY(CAST(:numbers AS bytea[])) ORDER BY s.id
""")
_FICHES = Sql("""
    SELECT c.fiche, s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM list_change c JOIN subject s ON s.id = c.menage
    WHERE c.reader = :reader AND c.fiche = ANY(CAST(:fiches AS bigint[])) AND c.superseded_by IS NULL
""")
_REMOVE = Sql("DELETE FROM housing_number WHERE menage = :menage")


class Numbered(NamedTuple):
    """Number by which a candidacy, or a household of the list, may be cited from now on."""

    number: bytes
    subject: UUID
    menage: UUID


async def note(connection: Connection, told: Sequence[Numbered]) -> None:
    """Give these subjects these numbers, in the place of those that they had. A number that was replaced stays."""
    await _NOTE.run(
        connection,
        numbers=[each.number for each in told],
        subjects=[each.subject for each in told],
        menages=[each.menage for each in told],
    )


async def fuse(connection: Connection, subject: UUID, number: bytes) -> None:
    """Add a new number to all subjects that share a number of this one: both are understood from now on."""
    await _FUSE.run(connection, subject=subject, number=number)


async def found(connection: Connection, numbers: Collection[bytes]) -> Mapping[bytes, Sequence[Subject]]:
    """Return the candidacies and households that each of these numbers means, in order of id."""
    rows = await _FOUND.all(connection, numbers=sorted(numbers))
    return {number: [subject_of(row) for row in rows if row.number == number] for number in numbers}


async def listed(connection: Connection, reader: str, fiches: Collection[int]) -> Mapping[int, Subject]:
    """Return the households that have these numbers in a reader's list now."""
    rows = await _FICHES.all(connection, reader=reader, fiches=sorted(fiches))
    return {row.fiche: subject_of(row) for row in rows}


async def remove(connection: Connection, menage: UUID) -> None:
    """Forget the numbers of a household."""
    await _REMOVE.run(connection, menage=menage)
