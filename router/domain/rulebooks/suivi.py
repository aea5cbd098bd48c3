"""Rule book of an accompaniment: the SIAO asks an operator to accompany a household, and the operator answers
(duty C10 in `docs/obligations.md`)."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen
from router.domain.rulebooks.machine import Machine, transitions
from router.domain.subjects import Envoi


class Etat(StrEnum):
    SOLLICITE = "SOLLICITE"
    ORGANISE = "ORGANISE"
    REFUSE_PAR_L_OPERATEUR = "REFUSE_PAR_L_OPERATEUR"
    SANS_REPONSE = "SANS_REPONSE"
    RETIRE = "RETIRE"


class Evenement(StrEnum):
    DEMANDER = "demander"
    CHERCHER = "chercher"
    ORGANISER = "organiser"
    REFUSER = "refuser"
    CONSTATER_LE_SILENCE = "constater-le-silence"
    RETIRER = "retirer"


MACHINE = Machine(
    table=transitions(
        (Evenement.DEMANDER, Etat.SOLLICITE, (None,)),
        (Evenement.CHERCHER, Etat.SOLLICITE, (Etat.SOLLICITE,)),
        (
            Evenement.ORGANISER,
            Etat.ORGANISE,
            (Etat.SOLLICITE, Etat.REFUSE_PAR_L_OPERATEUR, Etat.SANS_REPONSE),
        ),
        (Evenement.REFUSER, Etat.REFUSE_PAR_L_OPERATEUR, (Etat.SOLLICITE, Etat.ORGANISE, Etat.SANS_REPONSE)),
        (Evenement.CONSTATER_LE_SILENCE, Etat.SANS_REPONSE, (Etat.SOLLICITE,)),
        (
            Evenement.RETIRER,
            Etat.RETIRE,
            (Etat.SOLLICITE, Etat.ORGANISE, Etat.REFUSE_PAR_L_OPERATEUR, Etat.SANS_REPONSE),
        ),
    ),
    way=(Etat.SOLLICITE, Etat.ORGANISE),
    early=frozenset((Etat.SOLLICITE,)),
    awaited=(Etat.SOLLICITE,),
    set_aside=(Etat.REFUSE_PAR_L_OPERATEUR, Etat.SANS_REPONSE, Etat.RETIRE),
)
"""States and transitions of an accompaniment. An operator may answer late, and may give up. The SIAO may
withdraw its request at any time."""


@frozen(kw_only=True)
class Suivi(Envoi):
    """A request by which a SIAO (`emetteur`) asks an operator (`destinataire`) to accompany a household."""

    NATURE: ClassVar[Nature] = Nature.SUIVI
    MACHINE: ClassVar[Machine] = MACHINE

    etat: Etat
    candidature: UUID | None = None
    """Candidacy for which the household needs the accompaniment. None if there is no such candidacy."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (self.menage, *(() if self.candidature is None else (self.candidature,)))
