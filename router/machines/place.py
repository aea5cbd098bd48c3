"""Rule book of a place: one live reservation, fenced by version."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.base import Contrat
from contracts.v1 import place as offre
from router.machines.book import Machine, transitions


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
        (Evenement.LIBERER, Etat.DISPONIBLE, (None, _R, _O, _A)),
        (Evenement.OCCUPER, Etat.OCCUPEE, (None, _D, _L, _R, _A)),
        (Evenement.INDISPONIBLE, Etat.INDISPONIBLE, (None, _D, _L, _A, _I)),
        (Evenement.DISPONIBLE, Etat.DISPONIBLE, (None, _D, _L, _O, _I)),
        (Evenement.FERMER, Etat.FERMEE, (None, _D, _L, _R, _O, _A, _I)),
    ),
    way=(),
    early=frozenset({Etat.DECLAREE}),
)
