"""Rule book of a household that is ready for housing: on the list until it is housed or withdrawn."""

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
    """The move that a withdrawal is: a household that was housed elsewhere is housed."""
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
"""Who was withdrawn or housed may be ready again one day. Declared again, a household is as it is told now: a system
without events knows states alone. No state keeps a household from being forgotten: one that
nobody has spoken of for two years is not ready for anything."""
