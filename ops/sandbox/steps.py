"""What those whom the hub plays in a sandbox may do with a demand, or with a household on the live list, a step at a
time. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from router.domain.rulebooks import pret_logement
from router.domain.rulebooks.demande import A_EVALUER, OUVERTES, SANS_PLACE, Etat


class Pas(StrEnum):
    """What those whom the hub plays may do next with a demand, by what its bringer then hears."""

    EVALUATION_DEMANDEE = "EVALUATION_DEMANDEE"
    EVALUEE = "EVALUEE"
    NON_POURVUE = "NON_POURVUE"
    ORIENTEE = "ORIENTEE"
    EN_ATTENTE = "EN_ATTENTE"
    POURVUE = "POURVUE"
    ANNULEE = "ANNULEE"


POSSIBLE: Mapping[Pas, tuple[Etat, ...]] = {
    Pas.EVALUATION_DEMANDEE: OUVERTES,
    Pas.EVALUEE: A_EVALUER,
    Pas.NON_POURVUE: SANS_PLACE,
    Pas.ORIENTEE: SANS_PLACE,
    Pas.EN_ATTENTE: (Etat.ORIENTEE,),
    Pas.POURVUE: (Etat.ORIENTEE,),
    Pas.ANNULEE: OUVERTES,
}
"""In which states of the demand each is possible."""
WAY = (Pas.EVALUEE, Pas.ORIENTEE, Pas.POURVUE)
"""The way of a demand from its arrival to a place, a step at a time."""


def next_step(etat: Etat) -> Pas | None:
    """What follows where the bringer asks for nothing in particular; None once the demand is closed."""
    return next((pas for pas in WAY if etat in POSSIBLE[pas]), None)


class PasListe(StrEnum):
    """What happens to a household that is ready for housing, by what the prefect's services then hear."""

    DECLARE = "DECLARE"
    ACTUALISE = "ACTUALISE"
    RETIRE = "RETIRE"


NEXT_ON_LIST: Mapping[pret_logement.Etat | None, PasListe] = {
    **dict.fromkeys(pret_logement.SUR_LA_LISTE, PasListe.RETIRE),
    pret_logement.Etat.DECLARE: PasListe.ACTUALISE,
}
"""What follows for a household that is on the list: it changes once, then leaves."""
