"""Read and write subjects. Each type of subject has a codec, which converts a subject into a row of the
database and back."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, NamedTuple, Self, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic_core import to_json

from contracts.base import Nature
from router.domain.books import TYPES
from router.domain.subjects import Subject
from router.store.sql import Connection, Row, Sql

_LOAD = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")
_READ = Sql(
    "SELECT id, nature, etat, version, donnees, menage, due_at FROM subject WHERE id = ANY(CAST(:ids AS uuid[]))"
)
_OF_HOUSEHOLDS = Sql("""
    WITH theirs AS (
        SELECT menage FROM subject WHERE id = ANY(CAST(:demands AS uuid[]))
        UNION SELECT s.menage FROM subject s
            WHERE s.donnees ? 'demande' AND s.donnees ->> 'demande' = ANY(CAST(CAST(:demands AS uuid[]) AS text[]))
        UNION SELECT unnest(CAST(:menages AS uuid[]))
    ), loops AS (
        SELECT s.id, s.donnees ->> 'demande' AS demande FROM subject s JOIN theirs t ON s.menage = t.menage
    )
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE id IN (SELECT id FROM loops UNION SELECT CAST(demande AS uuid) FROM loops)
    ORDER BY id FOR UPDATE
""")
_CANDIDACIES_FOR = Sql("""
    SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM unnest(CAST(:landlords AS text[]), CAST(:dwellings AS text[])) AS signed(landlord, dwelling)
    JOIN subject s ON s.etat IN ('ATTRIBUEE_PAR_RANG', 'BAIL_SIGNE') AND s.donnees ? 'destinataire'
         AND s.donnees ->> 'destinataire' = signed.landlord AND s.donnees ->> 'logement' = signed.dwelling
    ORDER BY s.id FOR UPDATE OF s
""")
SAVED = """
    INSERT INTO subject (id, nature, etat, version, donnees, menage, due_at)
    SELECT i, n, e, v, CAST(d AS jsonb), m, a
    FROM unnest(CAST(:states AS uuid[]), CAST(:natures AS text[]), CAST(:etats AS text[]), CAST(:versions AS bigint[]),
                CAST(:donnees AS text[]), CAST(:menages AS uuid[]), CAST(:dues AS timestamptz[]))
         AS s(i, n, e, v, d, m, a)
    ORDER BY i
    ON CONFLICT (id) DO UPDATE SET
        etat = excluded.etat, version = excluded.version, menage = excluded.menage, due_at = excluded.due_at,
        donnees = subject.donnees - CAST(:ours AS text[]) || excluded.donnees,
        changed_at = CASE WHEN (subject.nature, subject.etat, subject.version)
            = ('place', 'DISPONIBLE', excluded.version) THEN subject.changed_at ELSE now() END
"""
"""Statement that writes subjects. In the stored JSON, it replaces only the fields in `:ours`: fields that a
newer version of the hub has added stay. A free place keeps its `changed_at` if its version is the same as
before, because nobody has declared it free anew."""
_SAVE = Sql(SAVED)
STAYS = "nature IN ('aide_sociale', 'daho')"
"""SQL condition on a subject: it is of a type whose field `orientation` names a referral of the same
household. A place is not of such a type: its `orientation` is the referral of whoever has the place now."""


def cited(subject: str) -> str:
    """Return an SQL expression for the id that a row cites of another subject of its household:

    * the id of the demand, if the row cites a demand;
    * otherwise the id of the referral, if the row is a request for aide sociale, or a designation under DAHO
      (enforceable right to shelter);
    * otherwise NULL.

    The other subject may name the household by another id. `subject` is the name or alias of the table in the
    query."""
    stay = f"CASE WHEN {subject}.{STAYS} THEN {subject}.donnees ->> 'orientation' END"
    return f"CAST(COALESCE({subject}.donnees ->> 'demande', {stay}) AS uuid)"


async def load(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """Lock these subjects, in the order of their ids, and return them by id. Ids without a row are left out."""
    rows = await _LOAD.all(connection, ids=sorted(set(ids)))
    return {row.id: subject_of(row) for row in rows}


async def of_households(
    connection: Connection, demands: Iterable[UUID], menages: Iterable[UUID]
) -> dict[UUID, Subject]:
    """Lock and return, by id, all subjects about certain households, and the demands that these subjects cite.
    The households are those in `menages`, those of the demands in `demands`, and those of the subjects that
    cite one of `demands`. Rows are locked in the order of their ids."""
    rows = await _OF_HOUSEHOLDS.all(connection, demands=sorted(set(demands)), menages=sorted(set(menages)))
    return {row.id: subject_of(row) for row in rows}


async def candidacies_for(connection: Connection, dwellings: Set[tuple[str, str]]) -> dict[UUID, Subject]:
    """Return, by id, the candidacies for one of `dwellings` that are in the state `ATTRIBUEE_PAR_RANG` or
    `BAIL_SIGNE`. Each dwelling is given as (landlord, dwelling). The rows are locked, in the order of their
    ids."""
    landlords, named = zip(*sorted(dwellings), strict=True)
    rows = await _CANDIDACIES_FOR.all(connection, landlords=list(landlords), dwellings=list(named))
    return {row.id: subject_of(row) for row in rows}


async def read(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """Return these subjects by id, without locking them. Ids without a row are left out."""
    rows = await _READ.all(connection, ids=sorted(set(ids)))
    return {row.id: subject_of(row) for row in rows}


def is_stale(subject: Subject, donnees: Mapping[str, Any]) -> bool:
    """Tell whether a subject's row must be written again, because an older version of the hub wrote it last.
    This shows in `donnees`, the row's JSON column: the values that are stored only for an index differ from
    those that this version computes."""
    now = {name: getattr(subject, name) for name in subject.SEARCHED}
    return any(to_json(value) != to_json(donnees.get(name, ())) for name, value in now.items())


async def rewrite(connection: Connection, ids: Iterable[UUID]) -> None:
    """Write these subjects again, so that their rows have the form of this version of the hub."""
    await _SAVE.run(connection, **values_of([*(await load(connection, ids)).values()]))


def values_of(subjects: Sequence[Subject]) -> dict[str, object]:
    """Return the parameters of the SQL statement `SAVED`, which stores subjects."""
    return {
        "states": [subject.id for subject in subjects],
        "natures": [str(subject.NATURE) for subject in subjects],
        "etats": [str(subject.etat or "") for subject in subjects],
        "versions": [subject.version for subject in subjects],
        "donnees": [to_json(_donnees(subject)).decode() for subject in subjects],
        "menages": [getattr(subject, "menage", None) for subject in subjects],
        "dues": [getattr(subject, "expire_le", None) for subject in subjects],
        "ours": _OURS,
    }


Reader = Callable[[Any], object]
_COLUMNS = {"id", "etat", "version", "versions_seen", "menage", "expire_le"}
"""Fields of subjects that are columns of the table. All other fields are in the JSON column `donnees`."""
_DATES: Mapping[Any, Reader] = {date: date.fromisoformat, datetime: datetime.fromisoformat}


def _reader(hint: Any) -> Reader:
    origin, inner = get_origin(hint), [each for each in get_args(hint) if each not in (NoneType, Ellipsis)]
    if origin is UnionType:
        return _reader(inner[0])
    if origin is tuple:
        read = _reader(inner[0])
        return lambda written: tuple(map(read, written))
    if origin is Mapping:
        key, of = map(_reader, inner)
        return lambda written: {key(name): of(value) for name, value in written.items()}
    return _DATES.get(hint, hint)


class Codec(NamedTuple):
    """Conversion of one type of subject to a row and back, derived from its dataclass."""

    kind: type[Subject]
    etats: type[StrEnum] | None
    """States of the type. None for a type without states."""
    donnees: Mapping[str, Reader]
    columns: Set[str]

    @property
    def written(self) -> tuple[str, ...]:
        """Return the keys of the JSON column: the names of the subject's fields, and those of the properties
        that are stored only for an index."""
        return (*self.donnees, *self.kind.SEARCHED)

    @classmethod
    def of(cls, kind: type[Subject]) -> Self:
        """Make the codec that converts subjects of the type `kind` into rows of the database and back, from the
        fields of their dataclass."""
        hints = get_type_hints(kind)
        names = {each.name for each in fields(kind)}
        etats = next(
            (t for t in get_args(hints["etat"]) or [hints["etat"]] if t not in (StrEnum, NoneType)), None
        )
        donnees = {name: _reader(hints[name]) for name in sorted(names - _COLUMNS)}
        return cls(kind, etats, donnees, names & _COLUMNS)


CODECS: Mapping[Nature, Codec] = {kind.NATURE: Codec.of(kind) for kind in TYPES}
ETATS = frozenset(etat for codec in CODECS.values() for etat in codec.etats or ())
"""All states that this version of the hub knows."""
_OURS = sorted({name for codec in CODECS.values() for name in codec.written})
MARKS = frozenset(_OURS) - {"etat_depuis"}
"""Fields in the JSON column that only certain events set: all but `etat_depuis`."""
_VERSION_SEEN = "version_"
"""Prefix in the JSON column: `version_siao-75` has the last version that the partner `siao-75` gave."""


def subject_of(row: Row) -> Subject:
    """Return the subject that is stored in a row."""
    codec = CODECS[Nature(row.nature)]
    known: dict[str, Any] = {}
    versions_seen: dict[str, int] = {}
    for name, value in row.donnees.items():
        if value is not None and name in codec.donnees:
            known[name] = codec.donnees[name](value)
        elif name.startswith(_VERSION_SEEN):
            versions_seen[name[len(_VERSION_SEEN) :]] = value
    columns = {"menage": row.menage, "expire_le": row.due_at}
    known |= {name: value for name, value in columns.items() if name in codec.columns}
    etat = codec.etats(row.etat) if codec.etats and row.etat else None
    return codec.kind(id=row.id, etat=etat, version=row.version, versions_seen=versions_seen, **known)


def _donnees(subject: Subject) -> dict[str, object]:
    kept = {name: getattr(subject, name) for name in CODECS[subject.NATURE].written}
    donnees = {name: _written(value) for name, value in kept.items() if value not in (None, (), {})}
    versions = {f"{_VERSION_SEEN}{partner}": version for partner, version in subject.versions_seen.items()}
    return donnees | versions


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
