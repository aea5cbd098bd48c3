"""Store the numéros uniques of candidacies and households, encrypted and as fingerprints. A numéro unique is
the number of a demand in the SNE, the national register of demands for social housing."""

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
           AND (CAST(:undecided AS uuid) IS NULL OR h.message = CAST(:undecided AS uuid))
           AND NOT EXISTS (SELECT FROM given WHERE given.number = h.number AND given.subject = h.subject)
    ), noted AS (
        INSERT INTO housing_number (number, subject, menage, sealed, fused, message)
        SELECT DISTINCT ON (number, subject) given.*, CAST(:fused AS boolean), CAST(:undecided AS uuid)
        FROM given WHERE {WRITES} ORDER BY number, subject
        ON CONFLICT (number, subject) DO UPDATE SET message = NULL
        WHERE housing_number.message IS NOT NULL AND EXCLUDED.message IS NULL
    )
    SELECT {TURNED} AS turned
""")
_ACCEPT = Sql("""
    WITH accepted AS (
        UPDATE housing_number SET message = NULL WHERE message = :message RETURNING subject, menage
    )
    DELETE FROM housing_number h USING accepted a
    WHERE h.subject = a.subject AND a.subject = a.menage AND NOT h.fused AND h.message IS NULL
""")
_REFUSE = Sql("DELETE FROM housing_number WHERE message = :message")
_KEEP_FOR_GOOD = Sql("""
    UPDATE housing_number SET fused = true
    WHERE number IN (SELECT number FROM housing_number WHERE subject = :subject) RETURNING subject, menage
""")
_FOUND = Sql("""
    SELECT h.number, s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM housing_number h JOIN subject s ON s.id = h.subject
    WHERE h.number = ANY(CAST(:numbers AS bytea[])) AND h.message IS NULL ORDER BY s.id
""")
_FICHES = Sql("""
    SELECT c.fiche, s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM list_change c JOIN subject s ON s.id = c.menage
    WHERE c.reader = :reader AND c.fiche = ANY(CAST(:fiches AS bigint[])) AND c.superseded_by IS NULL
""")
_REMOVE = Sql("DELETE FROM housing_number WHERE menage = :menage")


class Numbered(NamedTuple):
    """Numéro unique of the candidacy or household `subject`. `number` is the fingerprint of the numéro
    unique."""

    number: bytes
    subject: UUID
    menage: UUID
    sealed: bytes
    """Numéro unique, encrypted with the household's data key."""


async def note(
    connection: Connection,
    writer: bytes,
    given: Sequence[Numbered],
    replaced: Collection[UUID],
    undecided: UUID | None,
) -> None:
    """Store these numéros uniques, and delete the earlier ones of the subjects in `replaced`. Numéros uniques
    that `keep_for_good` has marked, or that `add` has stored, are not deleted. Raises KeyTurned if the HMAC
    key with the mark `writer` was replaced.

    `undecided` is the message that gives these numéros uniques, if the hub may still refuse this message,
    else None. If `undecided` is given, the new numéros uniques are found only after `decide` has accepted the
    message, and only earlier ones from the same message are deleted."""
    await _write(connection, writer, given, replaced, undecided, fused=False)


async def decide(connection: Connection, message: UUID, *, accepted: bool) -> None:
    """Decide about the numéros uniques of a message that the hub could still refuse.

    * If the message is `accepted`, its numéros uniques are found from now on. Those of a household replace the
      household's earlier ones. Those of a candidacy are added to the candidacy's earlier ones.
    * If the message is refused, its numéros uniques are deleted.
    """
    await (_ACCEPT if accepted else _REFUSE).run(connection, message=message)


async def keep_for_good(connection: Connection, subject: UUID) -> set[tuple[UUID, UUID]]:
    """Mark the numéros uniques that `subject` has now, so that `note` does not delete them when it stores newer
    ones. If another subject has one of these numéros uniques, mark it there too. Return (subject, household)
    for each marked numéro unique."""
    return {(row.subject, row.menage) for row in await _KEEP_FOR_GOOD.all(connection, subject=subject)}


async def add(connection: Connection, writer: bytes, given: Sequence[Numbered]) -> None:
    """Store more numéros uniques for their subjects, and delete none. `note` does not delete them later, when
    it replaces other numéros uniques of the subjects. Raises KeyTurned if the HMAC key with the mark `writer`
    was replaced."""
    await _write(connection, writer, given, (), None, fused=True)


async def _write(
    connection: Connection,
    writer: bytes,
    given: Sequence[Numbered],
    of: Collection[UUID],
    undecided: UUID | None,
    *,
    fused: bool,
) -> None:
    values: dict[str, object] = {
        "numbers": [each.number for each in given],
        "subjects": [each.subject for each in given],
        "menages": [each.menage for each in given],
        "sealed": [each.sealed for each in given],
        "of": list(of),
        "undecided": undecided,
        "fused": fused,
        "writer": writer,
    }
    if (await _NOTE.one(connection, **values)).turned:
        raise KeyTurned


async def found(connection: Connection, numbers: Collection[bytes]) -> Mapping[bytes, Sequence[Subject]]:
    """Return, by fingerprint of a numéro unique, the candidacies and households that have it, in the order of
    their ids. Unknown fingerprints get an empty list."""
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
