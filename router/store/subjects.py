"""State of places, demands, referrals and candidacies: one codec a kind, between its type and its row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from contracts.base import Nature
from contracts.reference.codes import Dispositif
from router.domain.rulebooks import candidature, demande, orientation, place, pret_logement
from router.domain.subjects import (
    Candidature,
    Convention,
    Demande,
    Derogation,
    GroupePlaces,
    MenagePret,
    Observation,
    Orientation,
    Place,
    Signalement,
    Subject,
)
from router.store.sql import Connection, Sql

_LOAD = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")
_READ = Sql(
    "SELECT id, nature, etat, version, donnees, menage, due_at FROM subject WHERE id = ANY(CAST(:ids AS uuid[]))"
)
SAVED = """
    INSERT INTO subject (id, nature, etat, version, donnees, menage, due_at)
    SELECT i, n, e, v, CAST(d AS jsonb), m, a
    FROM unnest(CAST(:states AS uuid[]), CAST(:natures AS text[]), CAST(:etats AS text[]), CAST(:versions AS bigint[]),
                CAST(:donnees AS text[]), CAST(:menages AS uuid[]), CAST(:dues AS timestamptz[]))
         AS s(i, n, e, v, d, m, a)
    ORDER BY i
    ON CONFLICT (id) DO UPDATE SET
        etat = excluded.etat, version = excluded.version, menage = excluded.menage, due_at = excluded.due_at,
        donnees = subject.donnees - CAST(:ours AS text[]) || excluded.donnees, changed_at = now()
"""
"""Writes the new states that `values_of` gives. What a newer version keeps in `donnees`, and this one does not know,
stays there while both are at work: only `ours` is written anew."""


async def load(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """The subjects that are known, locked in order of id until the transaction ends."""
    rows = await _LOAD.all(connection, ids=sorted(set(ids)))
    return {row.id: subject_of(row) for row in rows}


async def read(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """The subjects that are known, without a lock."""
    rows = await _READ.all(connection, ids=sorted(set(ids)))
    return {row.id: subject_of(row) for row in rows}


def values_of(subjects: Sequence[Subject]) -> dict[str, object]:
    """What `SAVED` asks for."""
    rows = [row_of(subject) for subject in subjects]
    return {
        "states": [row.id for row in rows],
        "natures": [row.nature for row in rows],
        "etats": [row.etat for row in rows],
        "versions": [row.version for row in rows],
        "donnees": [to_json(row.donnees).decode() for row in rows],
        "menages": [row.menage for row in rows],
        "dues": [row.due_at for row in rows],
        "ours": _OURS,
    }


Donnees = Mapping[str, Callable[[Any], object]]
"""Fields that have no column of their own, each with what reads it."""


class Codec(NamedTuple):
    """How one kind of subject is kept: a field in a column, or in `donnees` under its own name."""

    kind: type[Subject]
    etats: type[StrEnum] | None
    donnees: Donnees
    menage: str | None
    """The field that the column `menage` holds."""
    due_at: str | None
    """The field that the column `due_at` holds."""


_ALL: Donnees = {"etat_depuis": datetime.fromisoformat, "delais_depuis": datetime.fromisoformat}
_ENVOI: Donnees = {
    **_ALL,
    "emetteur": str,
    "destinataire": str,
    "remise_le": datetime.fromisoformat,
    "repondue_le": datetime.fromisoformat,
    "attendue_le": datetime.fromisoformat,
    "dit": dict,
}
_PLACE: Donnees = {
    **_ALL,
    "gestionnaire": str,
    "orientation": UUID,
    "occupant": UUID,
    "libre_le": date.fromisoformat,
    "dispositif": Dispositif,
    "structure": str,
}
CODECS: Mapping[Nature, Codec] = {
    codec.kind.NATURE: codec
    for codec in (
        Codec(Place, place.Etat, _PLACE, menage=None, due_at="expire_le"),
        Codec(
            GroupePlaces,
            None,
            {
                **_ALL,
                "gestionnaire": str,
                "dispositif": Dispositif,
                "capacite": int,
                "occupees": int,
                "releve_le": date.fromisoformat,
            },
            menage=None,
            due_at=None,
        ),
        Codec(
            Orientation,
            orientation.Etat,
            {
                **_ENVOI,
                "place": UUID,
                "autres_places": lambda written: tuple(map(UUID, written)),
                "demande": UUID,
                "dispositif": Dispositif,
                "structure": str,
                "presentation_le": date.fromisoformat,
                "admise_le": datetime.fromisoformat,
                "aide_sociale_le": datetime.fromisoformat,
                "operateurs": tuple,
                "operateurs_attendus": tuple,
                "accompagnement_depuis": datetime.fromisoformat,
            },
            menage="menage",
            due_at=None,
        ),
        Codec(Demande, demande.Etat, {**_ENVOI, "orientation": UUID}, menage="menage", due_at=None),
        Codec(Signalement, None, {**_ALL, "emetteur": str}, menage="menage", due_at=None),
        *(
            Codec(kind, None, {**_ALL, "emetteur": str}, menage=None, due_at=None)
            for kind in (Convention, Derogation, Observation)
        ),
        Codec(MenagePret, pret_logement.Etat, {**_ALL, "emetteur": str}, menage="menage", due_at=None),
        Codec(Candidature, candidature.Etat, _ENVOI, menage="menage", due_at=None),
    )
}
ETATS = frozenset(etat for codec in CODECS.values() for etat in codec.etats or ())
"""The states that this version knows."""
_OURS = sorted({name for codec in CODECS.values() for name in codec.donnees})
_HEARD = "version_"
"""Before a partner's id: the version that it gave last."""


class Row(NamedTuple):
    """A row of the table."""

    id: UUID
    nature: str
    etat: str
    version: int
    donnees: Mapping[str, Any]
    menage: UUID | None
    due_at: datetime | None


def subject_of(row: Row) -> Subject:
    """The subject that a row holds."""
    codec = CODECS[Nature(row.nature)]
    fields: dict[str, Any] = {}
    heard: dict[str, int] = {}
    for name, value in row.donnees.items():
        if value is not None and name in codec.donnees:
            fields[name] = codec.donnees[name](value)
        elif name.startswith(_HEARD):
            heard[name[len(_HEARD) :]] = value
    if codec.menage is not None:
        fields[codec.menage] = row.menage
    if codec.due_at is not None:
        fields[codec.due_at] = row.due_at
    etat = codec.etats(row.etat) if codec.etats else None
    return codec.kind(id=row.id, etat=etat, version=row.version, heard=heard, **fields)


def row_of(subject: Subject) -> Row:
    """The row that holds a subject; what is None or empty has no place in `donnees`."""
    codec = CODECS[subject.NATURE]
    fields = {name: getattr(subject, name) for name in codec.donnees}
    donnees = {name: _written(value) for name, value in fields.items() if value not in (None, (), {})}
    return Row(
        id=subject.id,
        nature=str(subject.NATURE),
        etat=str(subject.etat or ""),
        version=subject.version,
        donnees={**donnees, **{f"{_HEARD}{partner}": version for partner, version in subject.heard.items()}},
        menage=_column(subject, codec.menage),
        due_at=_column(subject, codec.due_at),
    )


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _column(subject: Subject, field: str | None) -> Any:
    return None if field is None else getattr(subject, field)
