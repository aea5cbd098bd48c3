"""Rule book of a household ready for housing: on the list until it is housed or withdrawn."""

from datetime import date
from enum import StrEnum

from contracts.v1.pret_logement import MotifRetrait, PretLogementRetire
from router.domain.rulebooks.book import Machine, transitions


class Etat(StrEnum):
    DECLARE = "DECLARE"
    ACTUALISE = "ACTUALISE"
    PRESENTE = "PRESENTE"
    RELOGE = "RELOGE"
    RETIRE = "RETIRE"


class Evenement(StrEnum):
    DECLARER = "declarer"
    ACTUALISER = "actualiser"
    PRESENTER = "presenter"
    RELOGER = "reloger"
    RETIRER = "retirer"


def retrait(contrat: PretLogementRetire, today: date) -> Evenement:
    """Return the move that a withdrawal makes. A household that was housed elsewhere counts as housed."""
    return Evenement.RELOGER if contrat.motif is MotifRetrait.RELOGE else Evenement.RETIRER


SUR_LA_LISTE = (Etat.DECLARE, Etat.ACTUALISE, Etat.PRESENTE)
FINIS = (Etat.RELOGE, Etat.RETIRE)

MACHINE = Machine(
    table=transitions(
        (Evenement.DECLARER, Etat.DECLARE, (None, *FINIS)),
        (Evenement.DECLARER, Etat.ACTUALISE, (Etat.DECLARE, Etat.ACTUALISE)),
        (Evenement.DECLARER, Etat.PRESENTE, (Etat.PRESENTE,)),
        (Evenement.ACTUALISER, Etat.ACTUALISE, (Etat.DECLARE, Etat.ACTUALISE)),
        (Evenement.ACTUALISER, Etat.PRESENTE, (Etat.PRESENTE,)),
        (Evenement.PRESENTER, Etat.PRESENTE, SUR_LA_LISTE),
        (Evenement.RELOGER, Etat.RELOGE, SUR_LA_LISTE),
        (Evenement.RETIRER, Etat.RETIRE, SUR_LA_LISTE),
    ),
    way=SUR_LA_LISTE,
    early=frozenset(),
    awaited=(),
    set_aside=FINIS,
)
"""Rule book of a household ready for housing.

A household that was withdrawn or housed may be ready again one day. A second declaration updates the
household: a system without events sends states alone. No state keeps a household from being forgotten: after
two years without news it is not ready for anything.
"""
