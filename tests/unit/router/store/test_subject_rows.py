"""A subject and its row in the table: what an older version wrote is read, and reads back what is written."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from contracts.reference.codes import Dispositif
from router.domain.books import TYPES
from router.domain.rulebooks import candidature, demande, orientation, place, pret_logement
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rulebooks.signalement import Signalement
from router.domain.subjects import Candidature, Demande, GroupePlaces, Orientation, Place, Subject
from router.store.subjects import subject_of
from tests.rows import each_row
from tests.unit.router.domain.monde import BAILLEUR, CENTRE, SIAO, ident, row_of

SOIR = datetime(2026, 3, 2, 18, tzinfo=UTC)
PLACE = Place(
    id=ident("place"),
    etat=place.Etat.RESERVEE,
    version=4,
    versions_seen={CENTRE: 7},
    gestionnaire=CENTRE,
    orientation=ident("suivante"),
    occupant=ident("première"),
    libre_le=date(2026, 4, 1),
    expire_le=SOIR,
)
GROUPE = GroupePlaces(id=ident("groupe"), version=1, versions_seen={CENTRE: 2}, gestionnaire=CENTRE)
ORIENTATION = Orientation(
    id=ident("orientation"),
    etat=orientation.Etat.ACCUSEE,
    version=2,
    versions_seen={CENTRE: 1, SIAO: 3},
    emetteur=SIAO,
    destinataire=CENTRE,
    menage=ident("ménage"),
    remise_le=SOIR,
    place=ident("place"),
    dispositif=Dispositif.URGENCE,
)
SIGNALEMENT = Signalement(id=ident("signalement"), version=1, emetteur="le-115", menage=ident("signalement"))
CANDIDATURE = Candidature(
    id=ident("candidature"),
    etat=candidature.Etat.PRESENTEE,
    version=1,
    emetteur=SIAO,
    destinataire=BAILLEUR,
    menage=ident("ménage"),
)
DEMANDE = Demande(
    id=ident("demande"),
    etat=demande.Etat.ORIENTEE,
    version=2,
    emetteur="ccas",
    destinataire=SIAO,
    menage=ident("ménage"),
    orientation=ident("orientation"),
)
PRET = MenagePret(
    id=ident("ménage"), etat=pret_logement.Etat.DECLARE, version=1, emetteur=SIAO, menage=ident("ménage")
)
WRITTEN: tuple[tuple[Subject, dict[str, Any]], ...] = (
    (
        PLACE,
        {
            "gestionnaire": CENTRE,
            "orientation": str(ident("suivante")),
            "occupant": str(ident("première")),
            "libre_le": "2026-04-01",
            f"version_{CENTRE}": 7,
        },
    ),
    (GROUPE, {"gestionnaire": CENTRE, f"version_{CENTRE}": 2}),
    (
        ORIENTATION,
        {
            "emetteur": SIAO,
            "destinataire": CENTRE,
            "remise_le": "2026-03-02T18:00:00+00:00",
            "place": str(ident("place")),
            "dispositif": "URGENCE",
            f"version_{CENTRE}": 1,
            f"version_{SIAO}": 3,
        },
    ),
    (CANDIDATURE, {"emetteur": SIAO, "destinataire": BAILLEUR}),
    (DEMANDE, {"emetteur": "ccas", "destinataire": SIAO, "orientation": str(ident("orientation"))}),
    (PRET, {"emetteur": SIAO}),
    (SIGNALEMENT, {"emetteur": "le-115"}),
)
"""As the table holds them since the first version."""


def test_who_was_asked_to_accompany_and_the_figures_of_a_group_come_back() -> None:
    counted = replace(
        GROUPE, dispositif=Dispositif.URGENCE, capacite=10, occupees=7, releve_le=date(2026, 3, 1)
    )
    for subject in (replace(ORIENTATION, operateurs=("avdl", "fsl")), counted):
        assert subject_of(row_of(subject)) == subject


def by_name(value: Any) -> str:
    return type(value).__name__ if isinstance(value, Subject) else ""


@each_row(("subject", "donnees"), WRITTEN, ids=by_name)
def test_a_subject_is_kept_as_it_always_was(subject: Subject, donnees: dict[str, Any]) -> None:
    assert row_of(subject).donnees == donnees


@each_row(("subject", "donnees"), WRITTEN, ids=by_name)
def test_a_subject_that_was_kept_is_read_as_it_was(subject: Subject, donnees: dict[str, Any]) -> None:
    row = row_of(subject)
    row.donnees = donnees
    assert subject_of(row) == subject


def test_what_an_older_version_wrote_as_null_is_not_known() -> None:
    nulls = {"gestionnaire": CENTRE, "orientation": None, "occupant": None, "libre_le": None}
    free = Place(id=ident("place"), etat=place.Etat.DISPONIBLE, version=3, gestionnaire=CENTRE)
    row = row_of(free)
    row.donnees = nulls
    assert subject_of(row) == free


def test_what_a_newer_version_keeps_beside_it_hinders_nobody() -> None:
    row = row_of(CANDIDATURE)
    row.donnees["echeance"] = "2026-04-01"
    assert subject_of(row) == CANDIDATURE


@each_row("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_field_of_a_subject_comes_back_from_its_row(kind: type[Subject]) -> None:
    """Drawn from the types alone: a new kind of subject is kept without a line of the store."""
    subject = kind(**{each.name: value_of(get_type_hints(kind)[each.name]) for each in fields(kind)})
    assert subject_of(row_of(subject)) == subject


def value_of(hint: Any) -> Any:
    """Return a value of a field's type that is neither None nor empty."""
    (first, *_), origin = get_args(hint) or [hint], get_origin(hint)
    if origin is tuple:
        return (value_of(first),)
    if origin is UnionType:
        return value_of(first)
    if origin is not None:
        return {value_of(first): value_of(get_args(hint)[1])}
    if issubclass(first, Enum):
        return next(iter(first)) if len(first) else None
    return {UUID: ident("champ"), str: "texte", int: 3, bool: False, datetime: SOIR, date: SOIR.date()}[first]


def test_ids_come_back_as_ids() -> None:
    read = subject_of(row_of(PLACE))
    assert isinstance(read, Place)
    assert type(read.orientation) is UUID
