"""Rule book of a place: one live reservation, fenced by version; and what a place remembers beside its state."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.v1 import place as offre
from router.domain.rulebooks.book import Anomalie, Applied, Ignored, Machine, transitions
from router.domain.subjects import Subject


class Etat(StrEnum):
    DECLAREE = "DECLAREE"
    DISPONIBLE = "DISPONIBLE"
    RESERVEE = "RESERVEE"
    OCCUPEE = "OCCUPEE"
    A_LIBERER = "A_LIBERER"
    INDISPONIBLE = "INDISPONIBLE"
    FERMEE = "FERMEE"


class Evenement(StrEnum):
    DECLARER = "declarer"
    VACANTE = "vacante"
    VACANCE_PREVISIBLE = "vacance-previsible"
    RESERVER = "reserver"
    PROMETTRE = "promettre"
    RENDRE = "rendre"
    RENDRE_OCCUPEE = "rendre-occupee"
    LIBERER = "liberer"
    OCCUPER = "occuper"
    INDISPONIBLE = "indisponible"
    DISPONIBLE = "disponible"
    FERMER = "fermer"


EVENEMENTS: Mapping[type[Contrat], Evenement] = {
    offre.PlaceDeclaree: Evenement.DECLARER,
    offre.PlaceVacante: Evenement.VACANTE,
    offre.PlaceVacancePrevisible: Evenement.VACANCE_PREVISIBLE,
    offre.PlaceLiberee: Evenement.LIBERER,
    offre.PlaceOccupee: Evenement.OCCUPER,
    offre.PlaceIndisponible: Evenement.INDISPONIBLE,
    offre.PlaceDisponible: Evenement.DISPONIBLE,
    offre.PlaceFermee: Evenement.FERMER,
}
"""A reservation comes from a referral, never from a message about the place."""
SORTIES = (Evenement.VACANCE_PREVISIBLE, Evenement.VACANTE, Evenement.LIBERER)
"""What the occupant does, not the household that the place is held for: a reservation stands."""

_D, _L, _R, _O, _A, _I = (
    Etat.DECLAREE,
    Etat.DISPONIBLE,
    Etat.RESERVEE,
    Etat.OCCUPEE,
    Etat.A_LIBERER,
    Etat.INDISPONIBLE,
)

MACHINE = Machine(
    table=transitions(
        (Evenement.DECLARER, Etat.DECLAREE, (None, _D)),
        (Evenement.VACANTE, Etat.DISPONIBLE, (None, _D, _L, _O, _A, _I)),
        (Evenement.VACANTE, Etat.RESERVEE, (_R,)),
        (Evenement.VACANCE_PREVISIBLE, Etat.A_LIBERER, (None, _D, _O, _A)),
        (Evenement.VACANCE_PREVISIBLE, Etat.RESERVEE, (_R,)),
        (Evenement.RESERVER, Etat.RESERVEE, (_L, _A)),
        (Evenement.PROMETTRE, Etat.RESERVEE, (_R,)),
        (Evenement.RENDRE, Etat.DISPONIBLE, (_R,)),
        (Evenement.RENDRE_OCCUPEE, Etat.A_LIBERER, (_R,)),
        (Evenement.LIBERER, Etat.DISPONIBLE, (None, _O, _A)),
        (Evenement.LIBERER, Etat.RESERVEE, (_R,)),
        (Evenement.OCCUPER, Etat.OCCUPEE, (None, _D, _L, _R, _A)),
        (Evenement.INDISPONIBLE, Etat.INDISPONIBLE, (None, _D, _L, _A, _I)),
        (Evenement.DISPONIBLE, Etat.DISPONIBLE, (None, _D, _L, _O, _I)),
        (Evenement.FERMER, Etat.FERMEE, (None, _D, _L, _R, _O, _A, _I)),
    ),
    way=(),
    early=frozenset({Etat.DECLAREE}),
)


NOBODY: Mapping[str, None] = {"orientation": None, "occupant": None, "libre_le": None}
"""What a place remembers beside its state: the referral of the household that it is held for or that lives in it
(`orientation`), until when it is lived in, and while it is reserved, the referral of who leaves it (`occupant`)."""


def unknown(ident: UUID, gestionnaire: str) -> Subject:
    """A place that nobody has told of yet: it belongs to who first speaks of it."""
    return Subject(ident, Nature.PLACE, "", donnees={"gestionnaire": gestionnaire})


def evenement(contrat: Contrat, held: Subject, of_the_hub: bool) -> Evenement:
    """What a message does to its place. `place.liberee` gives a reservation up; only where the manager says it
    of a place that is still lived in, it is the occupant that has left."""
    if isinstance(contrat, offre.PlaceLiberee) and held.etat == Etat.RESERVEE:
        return given_up(held) if of_the_hub or not _lived_in(held) else Evenement.LIBERER
    return EVENEMENTS[type(contrat)]


def given_up(held: Subject) -> Evenement:
    """The end of a reservation: its place is free, or still to be left by its occupant."""
    return Evenement.RENDRE_OCCUPEE if _lived_in(held) else Evenement.RENDRE


def party(held: Subject, event: Evenement) -> UUID | None:
    """The referral whose business an event is: of the household that leaves, or of the one in it or to come."""
    return held.uuid("occupant" if held.etat == Etat.RESERVEE and event in SORTIES else "orientation")


def befall(
    held: Subject,
    event: Evenement,
    *,
    orientation: UUID | None = None,
    libre_le: date | None = None,
    until: datetime | None = None,
) -> Subject | Ignored | Anomalie:
    """The place after an event, if that is legal. A reservation stands, and so does the version that fences it,
    whatever its present occupant does."""
    verdict = MACHINE.move(held.etat or None, event)
    if not isinstance(verdict, Applied):
        return verdict
    if held.etat == Etat.RESERVEE and event in SORTIES:
        return _leaving(held, libre_le if event is Evenement.VACANCE_PREVISIBLE else None)
    return held.moved(verdict.etat, due_at=until, donnees=_memory(held, event, orientation, libre_le))


def _memory(
    held: Subject, event: Evenement, orientation: UUID | None, libre_le: date | None
) -> Mapping[str, str | None]:
    match event:
        case Evenement.RESERVER:
            return {"orientation": _text(orientation), "occupant": held.text("orientation")}
        case Evenement.PROMETTRE:
            return {}
        case Evenement.RENDRE_OCCUPEE:
            return {"orientation": held.text("occupant"), "occupant": None}
        case Evenement.VACANCE_PREVISIBLE:
            return {"libre_le": _text(libre_le)}
        case Evenement.OCCUPER:
            return {**NOBODY, "orientation": _text(orientation)}
    return NOBODY


def _leaving(held: Subject, libre_le: date | None) -> Subject:
    """The occupant of a reserved place leaves on a day, or has left; of one that is empty that says nothing."""
    if not _lived_in(held):
        return held
    return held.noted(libre_le=_text(libre_le), occupant=held.text("occupant") if libre_le else None)


def _lived_in(held: Subject) -> bool:
    return held.text("libre_le") is not None


def _text(value: UUID | date | None) -> str | None:
    return None if value is None else str(value)
