"""Store the numéros uniques of candidacies and households, encrypted and as keyed hashes."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Subject
from router.store.hmac_keys import TURNED, WRITES, KeyTurned
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

_TOLD = """
    SELECT * FROM unnest(CAST(:numbers AS bytea[]), CAST(:subjects AS uuid[]), CAST(:menages AS uuid[]),
                         CAST(:sealed AS bytea[])) AS t(number, subject, menage, sealed)
"""
_NOTE = Sql(f"""
    WITH given AS ({_TOLD}), gone AS (
        DELETE FROM housing_number h WHERE subject = ANY(CAST(:of AS uuid[])) AND NOT fused AND {WRITES}
           AND NOT EXISTS (SELECT FROM given WHERE given.number = h.number AND given.subject = h.subject)
    ), noted AS (
        INSERT INTO housing_number (number, subject, menage, sealed, fused)
        SELECT given.*, CAST(:fused AS boolean) FROM given WHERE {WRITES} ORDER BY number, subject
        ON CONFLICT DO NOTHING
    )
    SELECT {TURNED} AS turned
""")
_KEEP_FOR_GOOD = Sql("""
    UPDATE housing_number SET fused = true
    WHERE number IN (SELECT number FROM housing_number WHERE subject = :subject) RETURNING subject, menage
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
    """Numéro unique of a candidacy or household (`subject`), as a keyed hash (`number`) and encrypted
    (`sealed`)."""

    number: bytes
    subject: UUID
    menage: UUID
    sealed: bytes
    """Numéro unique, encrypted with the household's data key."""


async def note(
    connection: Connection, writer: bytes, given: Sequence[Numbered], replaced: Collection[UUID]
) -> None:
    """Store these numéros uniques, and delete the earlier ones of the subjects in `replaced`. Numéros uniques
    that `keep_for_good` has marked, or that `add` has stored, are not deleted. Raises KeyTurned if the HMAC key
    with the mark `writer` was replaced."""
    await _write(connection, writer, given, replaced, fused=False)


async def keep_for_good(connection: Connection, subject: UUID) -> set[tuple[UUID, UUID]]:
    """Mark the numéros uniques that `subject` has now, so that `note` does not delete them when it stores newer
    ones. If another subject has one of these numéros uniques, mark it there too. Return (subject, household)
    for each marked numéro unique."""
    return {(row.subject, row.menage) for row in await _KEEP_FOR_GOOD.all(connection, subject=subject)}


async def add(connection: Connection, writer: bytes, given: Sequence[Numbered]) -> None:
    """Store more numéros uniques for their subjects, and delete none. They stay even when the function `note`
    later replaces the subjects' other numéros uniques. Raises KeyTurned if the HMAC key with the mark `writer`
    was replaced."""
    await _write(connection, writer, given, (), fused=True)


async def _write(
    connection: Connection, writer: bytes, given: Sequence[Numbered], of: Collection[UUID], *, fused: bool
) -> None:
    values: dict[str, object] = {
        "numbers": [each.number for each in given],
        "subjects": [each.subject for each in given],
        "menages": [each.menage for each in given],
        "sealed": [each.sealed for each in given],
        "of": list(of),
        "fused": fused,
        "writer": writer,
    }
    if (await _NOTE.one(connection, **values)).turned:
        raise KeyTurned


async def found(connection: Connection, numbers: Collection[bytes]) -> Mapping[bytes, Sequence[Subject]]:
    """Return, by keyed hash of a numéro unique, the candidacies and households that have it, in the order of
    their ids. Unknown hashes get an empty list."""
    meant: dict[bytes, list[Subject]] = {number: [] for number in numbers}
    for row in await _FOUND.all(connection, numbers=list(numbers)):
        meant[row.number].append(subject_of(row))
    return meant


async def listed(connection: Connection, reader: str, fiches: Collection[int]) -> Mapping[int, Subject]:
    """Return the households that have these numbers (`fiches`) in a reader's list, by number. Unknown
    numbers are left out."""
    rows = await _FICHES.all(connection, reader=reader, fiches=sorted(fiches))
    return {row.fiche: subject_of(row) for row in rows}


async def remove(connection: Connection, menage: UUID) -> None:
    """Delete all numéros uniques of a household."""
    await _REMOVE.run(connection, menage=menage)
