"""Rule book of a household that the prefect has designated under the enforceable right to shelter (DAHO:
droit à l'hébergement opposable).

The SIAO has a fixed time to refer the household. After that, the prefect assigns the household to a structure
(articles L441-2-3 and R441-18 of the housing code, CCH). We know these articles from a secondary source: see
`last_day`.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen
from contracts.v1.daho import AccueilDaho
from router.domain.calendar import months_after
from router.domain.rulebooks.machine import Machine, transitions
from router.domain.subjects import Envoi

SIX_WEEKS = timedelta(weeks=6)


class Etat(StrEnum):
    DESIGNE = "DESIGNE"
    ORIENTE = "ORIENTE"
    A_ATTRIBUER = "A_ATTRIBUER"
    ATTRIBUE = "ATTRIBUE"
    ACCUEILLI = "ACCUEILLI"
    RETIRE_PAR_L_ETAT = "RETIRE_PAR_L_ETAT"


class Evenement(StrEnum):
    DESIGNER = "designer"
    ORIENTER = "orienter"
    CONSTATER_LE_RETARD = "constater-le-retard"
    ATTRIBUER = "attribuer"
    ACCUEILLIR = "accueillir"
    RETIRER = "retirer"


EN_COURS = (Etat.DESIGNE, Etat.ORIENTE, Etat.A_ATTRIBUER, Etat.ATTRIBUE)

MACHINE = Machine(
    table=transitions(
        (Evenement.DESIGNER, Etat.DESIGNE, (None,)),
        (Evenement.ORIENTER, Etat.ORIENTE, EN_COURS),
        (Evenement.CONSTATER_LE_RETARD, Etat.A_ATTRIBUER, (Etat.DESIGNE,)),
        (Evenement.ATTRIBUER, Etat.ATTRIBUE, EN_COURS),
        (Evenement.ACCUEILLIR, Etat.ACCUEILLI, EN_COURS),
        (Evenement.RETIRER, Etat.RETIRE_PAR_L_ETAT, EN_COURS),
    ),
    way=(),
    early=frozenset(EN_COURS),
    awaited=EN_COURS,
    set_aside=(Etat.RETIRE_PAR_L_ETAT,),
)
"""States and transitions of a designated household. The SIAO may still refer the household after the last
day, and again after a failed referral."""


@frozen(kw_only=True)
class Daho(Envoi):
    """A household that the State (`emetteur`) has designated under the right to shelter. The SIAO
    (`destinataire`) has to refer this household."""

    NATURE: ClassVar[Nature] = Nature.DAHO
    MACHINE: ClassVar[Machine] = MACHINE

    etat: Etat
    orientation: UUID | None = None
    """Last referral that answers the designation. None before the first referral."""
    attribue_le: date | None = None
    """Day on which the prefect last assigned the household to a structure. None if the prefect has not
    assigned it yet."""
    decision_le: date
    avant_le: date
    """Last day on which a referral is in time."""
    designe_le: datetime
    """Moment at which the designation was accepted. Reminders are spread from then until `avant_le`."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return () if self.orientation is None else (self.orientation,)


def last_day(decision: date, accueil: AccueilDaho) -> date:
    """Return the last day on which a referral is in time. It is six weeks after the decision if the decision
    is for shelter, and three months after it if the decision is for transitional housing. These times are our
    own choice ([choix]). We took them from the housing information agencies (ADIL), because we could not read
    article R441-18 of the housing code (CCH)."""
    return decision + SIX_WEEKS if accueil is AccueilDaho.HEBERGEMENT else months_after(decision, 3)
