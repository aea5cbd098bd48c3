"""Rule book of a household that a committee is going to examine. The SIAO gives its opinion before the
meeting (duty C7 in `docs/obligations.md`)."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from contracts.base import Nature
from contracts.frozen import frozen
from router.domain.rulebooks.machine import Machine, transitions
from router.domain.subjects import Envoi


class Etat(StrEnum):
    A_EXAMINER = "A_EXAMINER"
    AVIS_RENDU = "AVIS_RENDU"
    SANS_AVIS = "SANS_AVIS"


class Evenement(StrEnum):
    INSCRIRE = "inscrire-a-l-ordre-du-jour"
    RENDRE = "rendre-un-avis"
    CONSTATER_LE_SILENCE = "constater-le-silence"


MACHINE = Machine(
    table=transitions(
        (Evenement.INSCRIRE, Etat.A_EXAMINER, (None,)),
        (Evenement.RENDRE, Etat.AVIS_RENDU, (Etat.A_EXAMINER, Etat.SANS_AVIS)),
        (Evenement.CONSTATER_LE_SILENCE, Etat.SANS_AVIS, (Etat.A_EXAMINER,)),
    ),
    way=(Etat.A_EXAMINER, Etat.AVIS_RENDU),
    early=frozenset((Etat.A_EXAMINER,)),
    awaited=(Etat.A_EXAMINER,),
    set_aside=(),
)
"""States and transitions of an examination. A late opinion is accepted. If the meeting is postponed, the
State opens a new examination."""


@frozen(kw_only=True)
class Examen(Envoi):
    """A household that a committee is to examine. The State (`emetteur`) asks the SIAO (`destinataire`) for
    an opinion about the household."""

    NATURE: ClassVar[Nature] = Nature.EXAMEN
    MACHINE: ClassVar[Machine] = MACHINE

    etat: Etat
    seance_le: date
    """Day of the meeting."""

    @property
    def notified_around(self) -> bool:
        """Return False. Messages about a committee's examination of a household go to the State and the SIAO,
        and to the partners that an opinion names, but to no other partners of the territory."""
        return False
