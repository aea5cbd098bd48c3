"""Rule book of a place. A place is reserved only by a referral, never by a message about the place."""

from enum import StrEnum

from router.domain.rulebooks.machine import Machine, transitions


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
    ADMETTRE = "admettre"
    INDISPONIBLE = "indisponible"
    DISPONIBLE = "disponible"
    FERMER = "fermer"


SORTIES = (Evenement.VACANCE_PREVISIBLE, Evenement.VACANTE, Evenement.LIBERER)
"""Transitions for a household that leaves the place, or is going to leave. They keep a reservation of the
place for another household."""

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
        (Evenement.DECLARER, Etat.DECLAREE, (None,)),
        *((Evenement.DECLARER, etat, (etat,)) for etat in (_D, _L, _R, _O, _A, _I)),
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
        (Evenement.ADMETTRE, Etat.OCCUPEE, (None, _D, _L, _R, _O, _A, _I)),
        (Evenement.INDISPONIBLE, Etat.INDISPONIBLE, (None, _D, _L, _A, _I)),
        (Evenement.DISPONIBLE, Etat.DISPONIBLE, (None, _D, _L, _O, _I)),
        (Evenement.FERMER, Etat.FERMEE, (None, _D, _L, _R, _O, _A, _I)),
    ),
    way=(),
    early=frozenset(),
    awaited=(),
    set_aside=(),  # no state hides an identity: only the SIAO learns the household
)
